/** The structure of src/: which room may know which, no cycles, and a map that names what is there. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/shared/version.js';

const SRC = join(import.meta.dirname, '../../src');

/** Room: the rooms that it may import from, besides itself. `entry` stands for the files directly in src/. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  messages: [],
  shared: ['messages'],
  event: ['shared'],
  records: ['event', 'shared'],
  producer: ['event', 'messages', 'records', 'shared'],
  consumer: ['event', 'messages', 'shared', 'spool'],
  spool: ['messages', 'shared'],
  revision: ['event', 'messages', 'records', 'shared', 'usage'],
  exporters: ['event', 'messages', 'records', 'revision', 'shared'],
  tracing: ['event', 'messages', 'producer', 'records', 'shared'],
  otel: ['event', 'messages', 'producer', 'records', 'revision', 'shared', 'tracing'],
  receiver: ['records', 'shared', 'usage', 'viewer'],
  usage: ['messages', 'records', 'shared'],
  viewer: [],
  cli: ['entry', 'receiver', 'records', 'shared'],
  entry: ['cli', 'messages', 'otel', 'producer', 'records', 'shared', 'tracing'],
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const imports = new Map(files.map((file) => [file, importsOf(file)]));

function importsOf(file: string): { file: string; typeOnly: boolean }[] {
  const source = readFileSync(join(SRC, file), 'utf8');
  const statements = source.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'(\.[^']*)\.js';/gms);
  return Array.from(statements, ([, type, path]) => ({
    file: `${relative(SRC, join(SRC, dirname(file), path as string))}.ts`,
    typeOnly: type !== undefined,
  }));
}

function roomOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] as string) : 'entry';
}

describe('rooms', () => {
  it.each(files)('%s imports only from rooms that it may know', (file) => {
    const room = roomOf(file);
    const allowed = [room, ...(MAY_IMPORT[room] ?? [])];
    for (const imported of imports.get(file) ?? []) expect(allowed).toContain(roomOf(imported.file));
  });

  it('hold no cycle, types apart', () => {
    const finished = new Set<string>();
    const visit = (file: string, path: string[]): void => {
      if (path.includes(file)) throw new Error(`cycle: ${[...path, file].join(' -> ')}`);
      if (finished.has(file)) return;
      for (const imported of imports.get(file) ?? []) {
        if (!imported.typeOnly) visit(imported.file, [...path, file]);
      }
      finished.add(file);
    };
    for (const file of files) visit(file, []);
  });

  it('begin each file with a sentence that says its purpose', () => {
    for (const file of files) {
      const source = readFileSync(join(SRC, file), 'utf8').replace(/^#!.*\n/, '');
      expect(source.slice(0, 3), file).toBe('/**');
    }
  });

  it('are all on the map', () => {
    const map = readFileSync(join(SRC, 'README.md'), 'utf8');
    for (const room of new Set(files.map(roomOf))) {
      if (room !== 'entry') expect(map).toContain(`${room}/`);
    }
    for (const file of files.filter((name) => !name.includes('/'))) expect(map).toContain(file);
  });
});

it('the version that servers are told is the version of the package', () => {
  const { version } = JSON.parse(readFileSync(join(SRC, '../package.json'), 'utf8'));
  expect(VERSION).toBe(version);
});
