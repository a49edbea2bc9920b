/** Chromium and a server of pages, whose origin is not that of the receiver. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { REPOSITORY } from '../support/programs.js';

/** The path of Debian's package, or undefined. */
export const CHROMIUM = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** A page that a test serves in place of the network counts as one of the internet, which may not reach this machine. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-features=LocalNetworkAccessChecks'];

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM ?? 'chromium', args: FLAGS });

const EMPTY = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>page</title>';
const FRAME = `${EMPTY}<iframe sandbox="allow-scripts" src="/empty"></iframe>`;

export interface PageServer {
  readonly origin: string;
  close(): void;
}

/** Serves the example, the entry of the build, an empty page, one with a sandboxed frame, and `modules`. */
export async function servePages(modules: Record<string, string> = {}): Promise<PageServer> {
  const read = (path: string) => readFileSync(join(REPOSITORY, path), 'utf8');
  const files: Record<string, string> = {
    '/': read('test/examples/feedback.html'),
    '/browser.js': read('dist/web/browser.js'),
    '/empty': EMPTY,
    '/frame': FRAME,
    ...modules,
  };
  const server: Server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '/';
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html';
    // For the frame without an origin.
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('content-type', `${type}; charset=utf-8`);
    response.writeHead(files[path] === undefined ? 404 : 200).end(files[path] ?? '');
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
