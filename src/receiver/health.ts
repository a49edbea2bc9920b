/** `GET /api/public/health`: that the receiver is there, and which version. */

import { readFileSync } from 'node:fs';
import { type RouteContext, sendJson } from './http.js';

const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };

export function getHealth({ response }: RouteContext): void {
  sendJson(response, 200, { status: 'OK', version });
}
