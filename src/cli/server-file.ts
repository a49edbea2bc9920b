/** The file in a data folder that says which server runs on it: `tailrace dev` writes it, and other commands find the server by it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { isLoopback } from '../receiver/http/access.js';
import type { Receiver } from '../receiver/receiver.js';

export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  /** The server gives it at `/api/tailrace/server`: another server on the same port has another one. */
  readonly instance: string;
}

const FILE_NAME = 'server.json';
const MAX_FILE_CHARS = 4_096;

/** Returns a function that removes the file, unless another server has written its own there since. */
export function writeServerFile(
  dataDir: string,
  { url, instance }: Pick<Receiver, 'url' | 'instance'>,
): () => void {
  const path = join(dataDir, FILE_NAME);
  const partPath = `${path}.${process.pid}`;
  const server: RunningServer = { url, pid: process.pid, instance };
  // In one step, so that nobody reads a part of it. What a killed process of this number has left is in the way.
  rmSync(partPath, { force: true });
  writeFileSync(partPath, `${JSON.stringify(server)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(partPath, path);
  return () => {
    if (readServerFile(dataDir)?.instance === instance) rmSync(path, { force: true });
  };
}

/** Undefined: no server has said that it runs there. If there is one, it may have been killed since. */
export function readServerFile(dataDir: string): RunningServer | undefined {
  let server: Partial<Record<keyof RunningServer, unknown>> | null;
  try {
    const text = readFileSync(join(dataDir, FILE_NAME), 'utf8');
    if (text.length > MAX_FILE_CHARS) return undefined;
    server = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { url, pid, instance } = server ?? {};
  if (typeof url !== 'string' || typeof instance !== 'string') return undefined;
  if (!Number.isSafeInteger(pid) || Number(pid) <= 0) return undefined;
  // The folder may have come with a project from elsewhere: keys must not go to a server that its author has chosen.
  return isOfThisMachine(url) ? { url, pid: Number(pid), instance } : undefined;
}

function isOfThisMachine(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname: name } = new URL(url);
  if (protocol !== 'http:') return false;
  const host = name.replace(/^\[(.*)\]$/, '$1');
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return (
    isLoopback(host) ||
    host === hostname().toLowerCase() ||
    own.some(({ address }) => address.toLowerCase() === host)
  );
}

export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
