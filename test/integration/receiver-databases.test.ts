/** Databases that `tailrace dev` cannot use, as real files: it names the file and what to do, and leaves each as it was. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../../src/receiver/receiver.js';
import { search } from '../../src/receiver/store/sqlite/search/search.js';
import { openDatabase } from '../../src/receiver/store/sqlite/sqlite.js';
import { openSqliteStore } from '../../src/receiver/store/sqlite/store.js';
import { REPOSITORY } from '../support/programs.js';
import { call, ingestionEvent, postJson } from '../unit/receiver/helpers.js';

const ALL = { fromUs: null, toUs: null, further: 0 };

const CLI = join(REPOSITORY, 'dist/bin/cli.js');
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-databases-'));
  file = join(folder, 'tailrace.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Started {
  child: ChildProcess;
  stderr: () => string;
  /** Undefined: it has ended. */
  url: string | undefined;
}

async function start(words: string[], options: object = {}): Promise<Started> {
  const child = spawn(words[0] as string, words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  onTestFinished(() => void child.kill('SIGKILL'));
  const closed = once(child, 'close').then(() => undefined);
  let [stdout, stderr] = ['', ''];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const printed = new Promise<string>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const url = /LANGFUSE_BASE_URL=(\S+)\n/.exec(stdout)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  return { child, url: await Promise.race([printed, closed]), stderr: () => stderr };
}

const dev = (data: string) => [CLI, 'dev', '--quiet', '--port', '0', '--data', data];

/** Starts the command, which must end with 1. Returns what it says. */
async function refusal(options: object = {}): Promise<string> {
  const { child, url, stderr } = await start([process.execPath, ...dev(folder)], options);
  expect(url).toBeUndefined();
  expect(child.exitCode).toBe(1);
  return stderr();
}

const contents = () =>
  readdirSync(folder).map((name) => [
    name,
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex'),
  ]);

async function fill(traces = 20): Promise<void> {
  const receiver = await startReceiver({ port: 0, dataDir: folder });
  const input = randomBytes(15_000).toString('base64');
  const batch = Array.from({ length: traces }, (_, index) =>
    ingestionEvent('trace-create', { id: `t${index}`, name: 'kept', input }),
  );
  await postJson(`${receiver.url}/api/public/ingestion`, { batch });
  await receiver.close();
}

async function sql(...statements: string[]): Promise<void> {
  const database = await openDatabase(file);
  for (const statement of statements) database.exec(statement);
  database.close();
}

const REMEDY = /name another folder with --data\n$/;

describe('a database that is refused, named and left as it was', () => {
  it.each<[string, RegExp, () => void | Promise<void>]>([
    [
      'is another file',
      /is not a database of tailrace: move it away/,
      () => writeFileSync(file, 'x'.repeat(9000)),
    ],
    ['is a short text', /is not a database of tailrace: move it away/, () => writeFileSync(file, 'notes')],
    [
      'has lost its end',
      /is damaged: move it away/,
      async () => {
        await fill();
        truncateSync(file, Math.floor(statSync(file).size / 2));
      },
    ],
    [
      'has lost all but its first page',
      /is damaged: move it away/,
      async () => {
        await fill();
        truncateSync(file, 8192);
      },
    ],
    [
      'has other bytes in its first page',
      /is (damaged|not a database of tailrace): move it away/,
      async () => {
        await fill();
        const bytes = readFileSync(file);
        bytes.fill(0xa5, 100, 8192);
        writeFileSync(file, bytes);
      },
    ],
    [
      'is of an earlier version',
      /was written by an earlier tailrace \(schema version 3, this one reads \d+\): move it away/,
      () =>
        sql(
          ...['traces', 'observations', 'complaints_beyond'].map((name) => `CREATE TABLE ${name} (id)`),
          'PRAGMA user_version = 3',
        ),
    ],
    [
      'is of a later version',
      /was written by a newer tailrace \(schema version 99, this one reads \d+\): update tailrace/,
      async () => {
        await fill(1);
        await sql('PRAGMA user_version = 99', 'PRAGMA wal_checkpoint(TRUNCATE)');
      },
    ],
    [
      'is of another program',
      /is a database of another program/,
      () => sql('CREATE TABLE notes (id)', "INSERT INTO notes VALUES ('mine')"),
    ],
    [
      'is of another program with the same version number',
      /is a database of another program/,
      () => sql('CREATE TABLE traces (id)', 'PRAGMA user_version = 4'),
    ],
  ])('%s', async (_case, problem, make) => {
    await make();
    for (const name of readdirSync(folder)) if (name !== 'tailrace.db') rmSync(join(folder, name));
    const before = contents();
    const said = await refusal();
    expect(said).toMatch(/^tailrace: /);
    expect(said).toContain(file);
    expect(said).toMatch(problem);
    expect(said).toMatch(REMEDY);
    expect(contents().filter(([name]) => name === 'tailrace.db')).toEqual(before);
  });

  it('that another process has locked', async () => {
    await fill(1);
    const before = contents().filter(([name]) => name === 'tailrace.db');
    const holder = join(folder, 'holder.mjs');
    const module = join(REPOSITORY, 'dist/receiver/store/sqlite/sqlite.js');
    writeFileSync(
      holder,
      `import { openDatabase } from ${JSON.stringify(module)};
       const database = await openDatabase(${JSON.stringify(file)});
       database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
       console.log('LANGFUSE_BASE_URL=locked');
       setInterval(() => database.exec('SELECT 1'), 1000);`,
    );
    const { child } = await start([process.execPath, holder]);
    const said = await refusal();
    expect(said).toMatch(/tailrace\.db is in use by another program: end that one/);
    expect(said).toMatch(REMEDY);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(contents().filter(([name]) => name === 'tailrace.db')).toEqual(before);
    // And it works once the other has ended.
    const { url } = await start([process.execPath, ...dev(folder)]);
    expect((await fetch(`${url}/trace/t0`)).status).toBe(200);
  });

  it.skipIf(process.platform === 'win32')('in a folder that this user cannot write to', async () => {
    await fill(1);
    for (const name of readdirSync(folder)) if (name !== 'tailrace.db') rmSync(join(folder, name));
    const before = contents();
    chmodSync(file, 0o444);
    chmodSync(folder, 0o555);
    const said = await refusal(isRoot ? { uid: NOBODY, gid: NOBODY } : {});
    chmodSync(folder, 0o755);
    expect(said).toMatch(
      /tailrace\.db cannot be (written to|opened): give this user the permission for it and its folder/,
    );
    expect(said).toMatch(REMEDY);
    expect(contents()).toEqual(before);
  });

  it.skipIf(process.platform === 'win32')(
    'and a folder that cannot be made, by the default too',
    async () => {
      chmodSync(folder, 0o555);
      const words = [process.execPath, CLI, 'dev', '--port', '0'];
      const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
      const { url, stderr } = await start(words, { cwd: folder, ...user });
      chmodSync(folder, 0o755);
      expect(url).toBeUndefined();
      expect(stderr()).toMatch(
        /^tailrace: the folder \.tailrace cannot be used: no permission to create it; /,
      );
      expect(stderr()).toMatch(REMEDY);
    },
  );
});

describe('a receiver that is killed', () => {
  it('keeps all that it has answered for, payloads too', async () => {
    const { child, url } = await start([process.execPath, ...dev(folder)]);
    const turns = (count: number) =>
      Array.from({ length: count }, (_, turn) => ({ role: 'user', content: `${turn} `.repeat(300) }));
    for (let turn = 1; turn <= 20; turn += 1) {
      const generation = { id: `turn-${turn}`, traceId: 'talk', input: turns(turn) };
      const batch = [ingestionEvent('generation-create', generation)];
      expect((await postJson(`${url}/api/public/ingestion`, { batch })).json.errors).toEqual([]);
    }
    child.kill('SIGKILL');
    await once(child, 'close');
    const again = await start([process.execPath, ...dev(folder)]);
    const { json } = await call(`${again.url}/api/public/traces/talk`);
    expect(json.observations).toHaveLength(20);
    for (const { id, input } of json.observations) expect(input).toEqual(turns(Number(id.slice(5))));
  });
});

describe('a receiver that is killed at any moment', () => {
  it('has lost nothing that it had answered for, whichever requests were under way', async () => {
    const answered = new Set<string>();
    let next = 0;
    for (let round = 0; round < 4; round += 1) {
      const { child, url } = await start([process.execPath, ...dev(folder)]);
      const closed = once(child, 'close');
      // After so many answers, in the middle of others.
      const goal = answered.size + 5 + Math.floor(Math.random() * 40);
      const send = async () => {
        for (;;) {
          const id = `trace-${next++}`;
          const input = `${id} `.repeat(1 + (next % 300));
          const batch = [
            ingestionEvent('trace-create', { id, name: id, input }),
            ...Array.from({ length: next % 40 }, (_, at) =>
              ingestionEvent('generation-create', { id: `${id}-${at}`, traceId: id, input, model: 'm' }),
            ),
          ];
          const { json } = await postJson(`${url}/api/public/ingestion`, { batch });
          expect(json.errors).toEqual([]);
          answered.add(id);
          if (answered.size === goal) child.kill('SIGKILL');
        }
      };
      // Each ends when the connection is refused.
      await Promise.allSettled([send(), send(), send()]);
      await closed;
      expect(child.signalCode).toBe('SIGKILL');
    }
    const store = await openSqliteStore(folder);
    onTestFinished(() => store.close());
    const rows = store.database.prepare('SELECT id, observation_count FROM traces').all();
    const counts = new Map(rows.map((row) => [String(row.id), Number(row.observation_count)]));
    for (const id of answered) {
      expect(counts.get(id)).toBe((Number(id.slice(6)) + 1) % 40);
      expect((await store.traces.find(id))?.input).toMatch(new RegExp(`^(${id} )+$`));
    }
    expect(store.database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    // What was not indexed before a kill is found after it.
    await store.searchable();
    expect(
      (await search(store.database, [...answered].at(-1) as string, ALL)).traceRows.length,
    ).toBeGreaterThan(0);
  });
});

describe('a database of schema 4', () => {
  it('is brought to this version, and has all that it had', async () => {
    await fill(5);
    const score = `'s', 't0', 'n', 'NUMERIC', 1, 1, 1, 1, 'API'`;
    await sql(
      `INSERT INTO scores (id, trace_id, name, data_type, value, timestamp_us, created_us, updated_us, source) VALUES (${score})`,
    );
    await makeSchema4();
    const store = await openSqliteStore(folder);
    onTestFinished(() => store.close());
    const names = () =>
      store.database
        .prepare('SELECT t.id FROM traces AS t WHERE t.shown_name = ? ORDER BY t.id')
        .all('kept')
        .map(({ id }) => id);
    expect(names()).toEqual(['t0', 't1', 't2', 't3', 't4']);
    expect((await search(store.database, 'kept', ALL)).traceRows).toHaveLength(5);
    await store.searchable();
    expect((await search(store.database, 'kep', ALL)).traceRows).toHaveLength(5);
    const { traits, search_due } = store.database.prepare(`SELECT * FROM traces WHERE id = 't0'`).get() ?? {};
    // All scores came over the API then, and there were no comments.
    expect(store.database.prepare('SELECT source FROM scores').get()).toEqual({ source: 'API' });
    expect(await store.comments.ofTrace('t0', 1)).toEqual([]);
    expect({ traits, search_due }).toEqual({ traits: '[[],[],[],[],[]]', search_due: null });
  });

  /** Takes away what this version has added. */
  async function makeSchema4(): Promise<void> {
    const database = await openDatabase(file);
    const added = database
      .prepare(
        `SELECT name FROM sqlite_schema WHERE type = 'index' AND name IN ('traces_for_list', 'traces_by_name', 'traces_by_traits',
         'traces_by_user', 'traces_by_session', 'traces_to_search', 'observations_with_status', 'scores_by_name')`,
      )
      .all();
    expect(added).toHaveLength(8);
    for (const { name } of added) database.exec(`DROP INDEX ${name}`);
    for (const name of ['search_texts', 'search_words', 'words', 'comments'])
      database.exec(`DROP TABLE ${name}`);
    for (const column of ['shown_name', 'traits', 'search_due']) {
      database.exec(`ALTER TABLE traces DROP COLUMN ${column}`);
    }
    database.exec('ALTER TABLE scores DROP COLUMN source');
    database.exec('PRAGMA user_version = 4');
    database.close();
  }
});

describe('an empty file', () => {
  it('is used, because nothing is in it', async () => {
    writeFileSync(file, '');
    const { url } = await start([process.execPath, ...dev(folder)]);
    expect(url).toBeDefined();
    expect((await fetch(url as string)).status).toBe(200);
  });
});

describe('damage that shows later', () => {
  it('is named in the answer to a request', async () => {
    await fill(100);
    for (const name of readdirSync(folder)) if (name !== 'tailrace.db') rmSync(join(folder, name));
    const bytes = readFileSync(file);
    // All but the first pages, which hold the schema.
    bytes.fill(0xa5, 80 * 8192);
    writeFileSync(file, bytes);
    const { url } = await start([process.execPath, ...dev(folder)]);
    const answers = Array.from({ length: 100 }, async (_, index) =>
      (await fetch(`${url}/trace/t${index}/input`)).text(),
    );
    expect((await Promise.all(answers)).join()).toMatch(
      /tailrace\.db is damaged: move it away, or name another folder/,
    );
  });
});

describe('a disk that is full', () => {
  const large = () => ({
    batch: Array.from({ length: 30 }, (_, index) =>
      ingestionEvent('trace-create', { id: `large-${index}`, input: randomBytes(75_000).toString('base64') }),
    ),
  });

  async function expectRefusal({ url, stderr }: Started): Promise<void> {
    const before = { batch: [ingestionEvent('trace-create', { id: 'before' })] };
    expect((await postJson(`${url}/api/public/ingestion`, before)).json.errors).toEqual([]);
    const answer = await postJson(`${url}/api/public/ingestion`, large());
    expect(answer.status).toBe(500);
    expect(answer.text).toMatch(
      /tailrace\.db (cannot grow: the disk is full|cannot be read or written: .*full)/,
    );
    expect(stderr()).toMatch(/^tailrace: received data cannot be stored, clients will retry: .*full/);
    // What is stored can be read.
    expect((await fetch(`${url}/trace/before`)).status).toBe(200);
  }

  it.skipIf(process.platform === 'win32')('refuses what does not fit: a limit on files', async () => {
    // Node.js ends at the signal of the limit unless it is handled.
    const handled = 'data:text/javascript,process.on("SIGXFSZ",()=>{})';
    const command = [
      'ulimit -f 4000; exec "$@"',
      'sh',
      process.execPath,
      '--import',
      handled,
      ...dev(folder),
    ];
    await expectRefusal(await start(['sh', '-c', ...command]));
  });

  const mount = () => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', folder]).status === 0;
  it.skipIf(process.platform !== 'linux' || !isRoot)(
    'refuses what does not fit, and takes it when there is room: a small file system',
    async (context) => {
      if (!mount()) return context.skip();
      try {
        const started = await start([process.execPath, ...dev(join(folder, 'data'))]);
        await expectRefusal(started);
        expect(spawnSync('mount', ['-o', 'remount,size=40m', folder]).status).toBe(0);
        const again = await postJson(`${started.url}/api/public/ingestion`, large());
        expect(again.json.errors).toEqual([]);
        expect(started.stderr()).toMatch(/\ntailrace: received data is stored again\n$/);
      } finally {
        // Also while the server, which ends after the test, still has its files open.
        spawnSync('umount', ['-l', folder]);
      }
    },
  );
});
