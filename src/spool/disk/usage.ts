/**
 * How much the folder of a spool holds: what rings, clients and processes have in it that share it. It is measured now and
 * then, and what this thread adds or removes in between is reckoned in.
 */
import fs, { type Dirent } from 'node:fs';
import { join } from 'node:path';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { parseFolderName } from './ownership.js';
import { isSetAside } from './quarantine.js';
import { look } from './safe-files.js';

export interface Usage {
  readonly dir: string;
  bytes: number;
  /** What this thread has added since it was measured. */
  added: number;
  /** By the monotonic clock. */
  measuredAt: number;
}

const MEASURE_AFTER_MS = 1_000;
/** Of the bound: measured again when so much was added, as others may have done the same. */
const MEASURE_AFTER_PART = 1 / 64;

export function createUsage(dir: string): Usage {
  return { dir, bytes: 0, added: 0, measuredAt: -Infinity };
}

export function usedBytes(usage: Usage, maxBytes: number): number {
  const now = monotonicNow();
  if (now - usage.measuredAt > MEASURE_AFTER_MS || usage.added > maxBytes * MEASURE_AFTER_PART) {
    usage.bytes = measure(usage.dir);
    usage.added = 0;
    usage.measuredAt = now;
  }
  return usage.bytes;
}

export function addBytes(usage: Usage, bytes: number): void {
  usage.bytes += bytes;
  if (bytes > 0) usage.added += bytes;
}

/** Of what is in the folder, which may hold anything, that which is of the spool. */
function measure(dir: string): number {
  let bytes = 0;
  for (const entry of entriesOf(dir)) {
    const path = join(dir, entry.name);
    if (entry.isFile() && isSetAside(entry.name)) bytes += sizeOf(path);
    if (!entry.isDirectory() || parseFolderName(entry.name) === undefined) continue;
    for (const file of entriesOf(path)) if (file.isFile()) bytes += sizeOf(join(path, file.name));
  }
  return bytes;
}

/** Others remove what they have done meanwhile. */
function entriesOf(dir: string): Dirent[] {
  try {
    return fs.readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
}

function sizeOf(path: string): number {
  try {
    return look(path)?.size ?? 0;
  } catch {
    return 0;
  }
}
