/**
 * The size of the spool in its root folder, with all rings, clients and processes that share it. It is measured from time to time.
 * In between, the bytes that this thread adds or removes are counted.
 */
import fs, { type Dirent } from 'node:fs';
import { join } from 'node:path';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { parseFolderName } from './ownership.js';
import { isQuarantined } from './quarantine.js';
import { look } from './safe-files.js';

export interface Usage {
  readonly dir: string;
  bytes: number;
  /** Bytes that this thread has added since the last measurement. */
  added: number;
  /** By the monotonic clock. */
  measuredAt: number;
}

const MEASURE_AFTER_MS = 1_000;
/** Share of the bound after whose addition it is measured again, as other processes may have added as much. */
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

/** Measures the files of the spool; the folder may hold other things as well. */
function measure(dir: string): number {
  let bytes = 0;
  for (const entry of entriesOf(dir)) {
    const path = join(dir, entry.name);
    if (entry.isFile() && isQuarantined(entry.name)) bytes += sizeOf(path);
    if (!entry.isDirectory() || parseFolderName(entry.name) === undefined) continue;
    for (const file of entriesOf(path)) if (file.isFile()) bytes += sizeOf(join(path, file.name));
  }
  return bytes;
}

/** Returns an empty list if the folder is gone: other processes remove theirs at any time. */
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
