/** Inputs and outputs are stored compressed, and once for a trace: what is read is what was sent, whatever happens between. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObservationRow } from '../../../../../src/ingest/rows.js';
import { emptyState, setField } from '../../../../../src/ingest/trace-state.js';
import type { Changes } from '../../../../../src/receiver/store/changes.js';
import { OBSERVATION_TEXTS } from '../../../../../src/receiver/store/sqlite/payload-sql.js';
import { openSqliteStore, type SqliteStore } from '../../../../../src/receiver/store/sqlite/store.js';

let folder: string;
let store: SqliteStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-payloads-'));
  store = await openSqliteStore(folder);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const NO_FIELDS: Omit<ObservationRow, 'id' | 'traceId'> = {
  parentId: null,
  type: 'GENERATION',
  level: null,
  startUs: 1,
  endUs: 2,
  totalTokens: null,
  totalCost: null,
  name: null,
  completionStartUs: null,
  statusMessage: null,
  version: null,
  environment: null,
  model: null,
  modelParameters: null,
  usageDetails: null,
  costDetails: null,
  promptName: null,
  promptVersion: null,
  metadata: null,
  input: null,
  output: null,
};

function span(traceId: string, id: string, input: string | null, output: string | null = null): Changes {
  const row = { ...NO_FIELDS, traceId, id, input, output };
  return { traces: [], observations: [{ mode: 'whole', row }], scores: [], findings: [] };
}

const inputOf = async (traceId: string, id: string) =>
  (await store.observations.findOfTrace(traceId, id))?.input;
const bytesOf = (traceId: string, id: string) =>
  store.database
    .prepare(`SELECT input_bytes FROM ${OBSERVATION_TEXTS} WHERE trace_id = ? AND id = ?`)
    .get(traceId, id)?.input_bytes;
const number = (sql: string) => Number(Object.values(store.database.prepare(sql).get() ?? {})[0]);
const bodyBytes = () => number('SELECT sum(length(body)) FROM bodies');

const message = (turn: number) => ({
  role: turn % 2 === 0 ? 'user' : 'assistant',
  content: `Turn ${turn}: ${Array.from({ length: 60 }, (_, index) => ((turn + 1) * 7919 * (index + 3)) % 10_007).join(' ')}`,
  tool_calls:
    turn % 3 === 0
      ? [{ id: `call-${turn}`, function: { name: 'look', arguments: '{"a":[{"b":1},{"c":2}]}' } }]
      : [],
});
const conversation = (turns: number) => Array.from({ length: turns }, (_, turn) => message(turn));

describe('a payload', () => {
  it('is read as it was sent, as it is in a list of messages, a text, a picture or noise', async () => {
    const character = fc.constantFrom(
      '},{',
      '}]',
      '[{"',
      'a',
      '"',
      '\\',
      'ü',
      '🚀',
      '\u0000',
      '\n',
      'xyz'.repeat(100),
    );
    const text = fc.array(character, { maxLength: 400 }).map((parts) => parts.join(''));
    const messages = fc
      .array(
        fc.record({
          role: fc.constantFrom('user', 'tool'),
          content: fc.string({ unit: 'binary', maxLength: 900 }),
        }),
      )
      .map((list) => JSON.stringify(list));
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(text, messages), { minLength: 1, maxLength: 6 }), async (texts) => {
        count += 1;
        const writes = texts.map((input, index) =>
          store.write(span(`t${count}`, `o${index}`, input, texts[0])),
        );
        await Promise.all(writes);
        for (const [index, input] of texts.entries()) {
          const row = await store.observations.findOfTrace(`t${count}`, `o${index}`);
          // SQLite's texts end at no NUL: it is replaced (sqlite.ts). UTF-8 has no lone surrogates.
          const stored = (sent: string) => Buffer.from(sent.replaceAll('\0', '\ufffd')).toString();
          expect([row?.input, row?.output]).toEqual([stored(input), stored(texts[0] as string)]);
          expect(bytesOf(`t${count}`, `o${index}`)).toBe(Buffer.byteLength(stored(input)));
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each([511, 512, 1024 * 1024, 1024 * 1024 + 1])(
    'of %i characters is read as it was sent',
    async (chars) => {
      const text = 'ü'.repeat(chars);
      await store.write(span('t', 'o', text));
      expect(await inputOf('t', 'o')).toBe(text);
      expect(bytesOf('t', 'o')).toBe(chars * 2);
    },
  );

  it('of a trace is its own, that of its root, or that of another observation', async () => {
    const long = (name: string) => JSON.stringify([{ name, text: name.repeat(400) }]);
    const state = emptyState('own');
    setField(state, 'input', { text: long('own') }, 1);
    const rooted = emptyState('rooted');
    setField(rooted, 'rootId', 'root', 1);
    setField(rooted, 'output', { of: 'other' }, 1);
    await store.write({ ...span('own', 'a', long('a')), traces: [state] });
    await store.write({ ...span('rooted', 'root', long('root')), traces: [] });
    await store.write({ ...span('rooted', 'other', null, long('other')), traces: [rooted] });
    expect((await store.traces.find('own'))?.input).toBe(long('own'));
    expect(await store.traces.find('rooted')).toMatchObject({ input: long('root'), output: long('other') });
  });
});

describe('the turns of a conversation', () => {
  async function tell(traceId: string, turns: number): Promise<number> {
    let sent = 0;
    for (let turn = 1; turn <= turns; turn += 1) {
      const input = JSON.stringify(conversation(turn));
      sent += input.length;
      await store.write(span(traceId, `turn-${turn}`, input));
    }
    return sent;
  }

  it('store each message once', async () => {
    const sent = await tell('t', 40);
    const once = JSON.stringify(conversation(40)).length;
    expect(sent).toBeGreaterThan(15 * once);
    expect(bodyBytes()).toBeLessThan(once);
    for (const turn of [1, 2, 20, 40])
      expect(await inputOf('t', `turn-${turn}`)).toBe(JSON.stringify(conversation(turn)));
  });

  it('are read if the parts in common lie behind two million bytes', async () => {
    // Three bytes each.
    const long = { role: 'user', content: '漢'.repeat(720_000) };
    const first = JSON.stringify([long, ...conversation(3)]);
    const second = JSON.stringify([long, ...conversation(4)]);
    await store.write(span('t', 'turn-1', first));
    await store.write(span('t', 'turn-2', second));
    expect([(await inputOf('t', 'turn-1')) === first, (await inputOf('t', 'turn-2')) === second]).toEqual([
      true,
      true,
    ]);
  });

  it('that come in one request share a body, and are read each, in whichever trace', async () => {
    const turns = Array.from({ length: 8 }, (_, turn) => turn + 1);
    const spans = turns.flatMap((turn) =>
      ['t', 'u'].map((id) => span(id, `turn-${turn}`, JSON.stringify(conversation(turn)))),
    );
    await store.write({ ...span('t', 'x', null), observations: spans.flatMap((one) => one.observations) });
    expect(number(`SELECT count(*) FROM bodies WHERE trace_id = 't'`)).toBeLessThan(8);
    for (const id of ['t', 'u']) {
      for (const turn of turns)
        expect(await inputOf(id, `turn-${turn}`)).toBe(JSON.stringify(conversation(turn)));
    }
  });

  it('that are sent again take no further room', async () => {
    await tell('t', 10);
    const before = bodyBytes();
    await tell('t', 10);
    expect(bodyBytes()).toBe(before);
  });

  it('are read after a restart, a failed commit and a write of another process', async () => {
    await tell('t', 5);
    await store.close();
    store = await openSqliteStore(folder);
    const input = JSON.stringify(conversation(6));
    const failing = span('t', 'other', null);
    // No statement can bind it.
    Object.assign((failing.observations[0] as { row: object }).row, { name: Symbol('no text') });
    const writes = [store.write(span('t', 'turn-6', input)), store.write(failing)];
    await Promise.allSettled(writes);
    expect(await inputOf('t', 'turn-6')).toBeUndefined();

    const other = await openSqliteStore(folder);
    await other.write(span('t', 'elsewhere', input));
    await other.close();
    await store.write(span('t', 'turn-6', input));
    for (const id of ['turn-6', 'elsewhere']) expect(await inputOf('t', id)).toBe(input);
    expect(await inputOf('t', 'turn-5')).toBe(JSON.stringify(conversation(5)));
  });

  it('go with their trace, and come again with a new one of its id', async () => {
    await tell('t', 5);
    await tell('kept', 5);
    await store.remove({ traceIds: ['t'] });
    expect(number("SELECT count(*) FROM bodies WHERE trace_id = 't'")).toBe(0);
    expect(await inputOf('kept', 'turn-5')).toBe(JSON.stringify(conversation(5)));
    await tell('t', 5);
    expect(await inputOf('t', 'turn-5')).toBe(JSON.stringify(conversation(5)));
  });

  it('of a trace that another process deletes come again', async () => {
    await tell('t', 5);
    const other = await openSqliteStore(folder);
    await other.remove({ traceIds: ['t'] });
    await other.close();
    await tell('t', 5);
    expect(await inputOf('t', 'turn-5')).toBe(JSON.stringify(conversation(5)));
  });

  it('are read if they come while their trace is deleted', async () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      span('t', `early-${index}`, JSON.stringify([message(index)])),
    );
    await Promise.all(many.map((changes) => store.write(changes)));
    const removed = store.remove({ traceIds: ['t'] });
    const late = many.map((_, index) =>
      store.write(span('t', `late-${index}`, JSON.stringify(conversation(3)))),
    );
    await Promise.all([removed, ...late]);
    // They are deleted or whole.
    const rows = store.database.prepare(`SELECT input FROM ${OBSERVATION_TEXTS} WHERE trace_id = 't'`).all();
    for (const { input } of rows) expect(input).toBe(JSON.stringify(conversation(3)));
  });
});

describe('queries', () => {
  it('read the tables by their indices, with no copy of them', () => {
    const sql = `SELECT id, input FROM ${OBSERVATION_TEXTS} AS o WHERE o.trace_id = ? AND o.id = ?`;
    const plan = store.database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all('t', 'o');
    expect(plan.map(({ detail }) => detail)).toEqual([
      'SEARCH observations USING INDEX sqlite_autoindex_observations_1 (trace_id=? AND id=?)',
    ]);
  });
});
