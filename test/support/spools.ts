/** Spools on a real disk, in folders of their own, that are closed and removed after the test. */
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Message } from '../../src/messages/message.js';
import {
  folderName,
  hashOf,
  type Owner,
  parseFolderName,
  thisOwner,
} from '../../src/spool/disk/ownership.js';
import type { SpooledBatch } from '../../src/spool/disk/segment-format.js';
import type { Spool } from '../../src/spool/disk/segments.js';
import { closeSpool, finish, keep, openSpool, takeOldest } from '../../src/spool/spool.js';

export const MiB = 1024 * 1024;

export function newDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tailrace-spool-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function open(
  dir: string,
  parts: { engine?: string; identity?: string; maxBytes?: number; client?: string } = {},
) {
  const { engine = '1', identity = 'here', maxBytes = 64 * MiB, client = engine } = parts;
  const warnings: string[] = [];
  const lost: string[] = [];
  /** How many events were told as lost. */
  const told = { events: 0 };
  const us = thisOwner(hashOf(identity), engine);
  const report = {
    warning: ({ text }: Message) => warnings.push(text),
    tell: ({ text }: Message) => warnings.push(text),
    lost(frames: readonly { readonly ordinals: readonly number[] }[], reason: string) {
      lost.push(`${frames.length}: ${reason}`);
      for (const { ordinals } of frames) told.events += ordinals.length;
    },
    missing(events: number, from: string, reason: string) {
      lost.push(`${events} ${from}: ${reason}`);
      told.events += events;
    },
  };
  const spool = openSpool(dir, us, maxBytes, report, { ...us, engine: client });
  onTestFinished(() => closeSpool(spool));
  return { spool, warnings, lost, told };
}

let count = 0;
/** Of as many events as there are ids. */
export function batchOf(ids: readonly string[], bytes = 10): SpooledBatch {
  const records = ids.map((id) => ({ lane: 'l', id, bytes: Buffer.alloc(bytes, 'x') }));
  return { lane: 'l', records, ordinals: ids.map(() => count++) };
}

export function batch(id: string, bytes = 10): SpooledBatch {
  return batchOf([id], bytes);
}

/** Keeps batches that have come to nothing. */
export function keepForLater(spool: Spool, ...ids: string[]): void {
  for (const id of ids) for (const frame of keep(spool, [batch(id)]) ?? []) frame.underWay = false;
}

/** Takes and finishes all that there is, or so many batches. */
export function takeAll(spool: Spool, batches = Infinity): string[] {
  const ids: string[] = [];
  for (let taken = 0; taken < batches; taken++) {
    const next = takeOldest(spool);
    if (next === undefined) break;
    ids.push(...next.batch.records.map((record) => record.id));
    finish(spool, next.frame);
  }
  return ids;
}

export function filesIn(dir: string): string[] {
  return (readdirSync(dir, { recursive: true }) as string[]).filter((name) =>
    statSync(join(dir, name)).isFile(),
  );
}

/** Gives the one folder of a spool to another owner. */
export function giveFolderTo(dir: string, owner: Partial<Owner>): string {
  const [name = ''] = readdirSync(dir);
  const folder = parseFolderName(name);
  if (folder === undefined) throw new Error(`${name} is no folder of a spool`);
  const us = thisOwner(folder.kind === 'free' ? folder.identity : folder.owner.identity, 'ff');
  const path = join(dir, folderName({ ...us, ...owner }));
  renameSync(join(dir, name), path);
  return path;
}

/** A folder as a process leaves it that dies at this moment. */
export function crashed(dir: string): string {
  const copy = newDir();
  cpSync(dir, copy, { recursive: true });
  giveFolderTo(copy, { pid: process.pid, startedAt: 1 });
  return copy;
}
