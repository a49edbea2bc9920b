/** The structure of src/: which room may know which, no cycles, and a map that names what is there. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/shared/version.js';

const SRC = join(import.meta.dirname, '../../src');

/** Room: the rooms that it may import from, besides itself. `entry` stands for the files directly in src/. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  messages: [],
  shared: ['messages'],
  event: ['shared'],
  records: ['event', 'shared'],
  config: ['records', 'shared'],
  producer: ['config', 'event', 'messages', 'records', 'shared'],
  consumer: ['event', 'messages', 'shared', 'spool'],
  spool: ['messages', 'shared'],
  revision: ['event', 'messages', 'records', 'shared', 'usage'],
  ingest: ['records', 'shared', 'usage'],
  exporters: ['event', 'ingest', 'messages', 'records', 'revision', 'shared'],
  tracing: ['config', 'event', 'messages', 'producer', 'records', 'shared'],
  otel: ['config', 'event', 'messages', 'producer', 'records', 'revision', 'shared'],
  // It keeps traces in the tables that the clickhouse exporter writes.
  receiver: ['exporters', 'ingest', 'records', 'shared', 'usage', 'viewer'],
  usage: ['messages', 'records', 'shared'],
  viewer: [],
  // They use the client as an application does: the bundles of these entries import the client's file.
  integrations: ['entry', 'messages', 'shared', 'tracing'],
  browser: ['messages'],
  // It sends as the worker does, and reads answers as the exporters do.
  forward: ['consumer', 'exporters', 'ingest', 'messages', 'shared'],
  cli: ['config', 'entry', 'exporters', 'forward', 'messages', 'receiver', 'records', 'shared', 'viewer'],
  entry: [
    'browser',
    'cli',
    'config',
    'event',
    'integrations',
    'messages',
    'otel',
    'producer',
    'records',
    'shared',
    'tracing',
  ],
};

/** Imports from one file to a room that the table does not allow, each with its reason. */
const EXCEPTIONS: Record<string, string> = {
  // With `worker: false` the consumer runs on the application's thread; it is loaded only then.
  'producer/worker/load.ts': 'consumer',
  // The exporters that ship with tailrace are loaded by name, the chosen one alone.
  'consumer/exporter/load-exporter.ts': 'exporters',
  // The command prints the statements that the exporter runs.
  'cli/clickhouse-schema.ts': 'exporters',
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
const imports = new Map(files.map((file) => [file, importsOf(file)]));

/** What a file imports, in any form: import and export statements, of types alone too, `import()` and `import('…')` as a type. */
function importsOf(file: string): string[] {
  const source = readFileSync(join(SRC, file), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');
  const specifiers = source.matchAll(/(?:\bfrom|^import|\bimport\()\s*'(\.[^']*)\.js'/gm);
  const found = Array.from(specifiers, ([, path]) => join(dirname(file), path as string));
  return [...new Set(found)].flatMap((path) =>
    [`${path}.ts`, `${path}.tsx`].filter((name) => files.includes(name)),
  );
}

function roomOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] as string) : 'entry';
}

/** The groups of files that import each other, directly or by way of others (Tarjan's strongly connected components). */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.get(file) as number);
    stack.push(file);
    for (const imported of graph.get(file) ?? []) {
      if (!order.has(imported)) visit(imported);
      if (stack.includes(imported)) {
        lowest.set(file, Math.min(lowest.get(file) as number, lowest.get(imported) as number));
      }
    }
    if (lowest.get(file) !== order.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1 || graph.get(file)?.includes(file)) circles.push(circle.sort());
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles;
}

describe('imports', () => {
  it('are seen in each of their forms', () => {
    expect(imports.get('index.ts')).toContain('tracing/client.ts');
    expect(imports.get('producer/worker/load.ts')).toContain('consumer/main.ts');
    expect(imports.get('receiver/thread/receiver-worker.ts')).toContain('receiver/thread/thread-contract.ts');
  });

  it('that go round are found, whatever their length', () => {
    const graph = { a: ['b'], b: ['c'], c: ['a', 'd'], d: ['e'], e: [], f: ['f'], g: ['a'] };
    expect(circlesOf(new Map(Object.entries(graph)))).toEqual([['a', 'b', 'c'], ['f']]);
  });
});

describe('rooms', () => {
  it.each(files)('%s imports only from rooms that it may know', (file) => {
    const room = roomOf(file);
    const allowed = [room, ...(MAY_IMPORT[room] ?? []), EXCEPTIONS[file]];
    for (const imported of imports.get(file) ?? []) expect(allowed).toContain(roomOf(imported));
  });

  it.each(['sqlite', 'clickhouse'])(
    'know the store by its interface: what keeps the rows in %s is known to its opener alone',
    (name) => {
      const inside = `receiver/store/${name}/`;
      const knowing = files.filter((file) =>
        imports.get(file)?.some((imported) => imported.startsWith(inside)),
      );
      expect(knowing.filter((file) => !file.startsWith(inside))).toEqual(['receiver/store/open-store.ts']);
    },
  );

  it('hold no circle, of types neither', () => {
    expect(circlesOf(imports)).toEqual([]);
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

it('tests of single files lie in the folder of the file that they are about', () => {
  const tests = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.test.ts'),
  );
  const folders = new Set(files.map(dirname));
  // The programs that tests start or talk to have tests of their own.
  expect(tests.map(dirname).filter((folder) => folder !== 'support' && !folders.has(folder))).toEqual([]);
});

it('the version that servers are told is the version of the package', () => {
  const { version } = JSON.parse(readFileSync(join(SRC, '../package.json'), 'utf8'));
  expect(VERSION).toBe(version);
});
