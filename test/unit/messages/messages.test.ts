/** The table of messages: documented, used, and the only place where their texts are. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/messages/entry.js';
import { MESSAGES, message, warnBy, warningOf } from '../../../src/messages/message.js';
import { counted, countedPlural, shownBytes, shownDuration } from '../../../src/messages/quantities.js';
import { logLine } from '../../../src/messages/render.js';
import { meaningsIn, messagesReadme, tableFiles } from '../../support/messages-readme.js';

const SRC = join(import.meta.dirname, '../../../src');
const README = join(SRC, 'messages/README.md');
/** Commands of their own, with an output of their own. */
const OTHER_PROCESSES = /^(cli|receiver|viewer)[/.]/;

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('messages/') && !OTHER_PROCESSES.test(file))
  .map((file) => ({ file, code: readFileSync(join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '') }));

/** By `warningOf`. */
const MADE_IN_THE_ROOM = 'TAILRACE_EXPORTER_WARNING';

const CODES = Object.entries(MESSAGES) as [string, Entry][];

describe('each message', () => {
  it('says in a comment what it means, and is in src/messages/README.md', async () => {
    const meanings = new Map(tableFiles().flatMap((file) => [...meaningsIn(file)]));
    expect([...meanings.keys()].sort()).toEqual(CODES.map(([code]) => code).sort());
    for (const [code, meaning] of meanings) expect(meaning, code).toMatch(/^[A-Z`].*[.:]\)?$|…/);
    const hint = 'src/messages/README.md is not that of the table: npm run docs:messages';
    await expect(messagesReadme(), hint).toMatchFileSnapshot(README);
  });

  it.each(CODES)('%s is used, and has a remedy to which a full stop can be added', (code, { remedy }) => {
    const isUsed = sources.some((source) => source.code.includes(`${code}'`));
    expect(isUsed || code === MADE_IN_THE_ROOM).toBe(true);
    if (remedy !== undefined) expect(remedy).toMatch(/^[A-Z`].*[^.]$/);
  });
});

describe('texts', () => {
  const SPOKEN =
    /\b(?:notifier|notices|report)\.(?:error|warning|warnOnce|drop|highWater|debug|tell|fault)\(\s*['"`]/;
  const WARNED = /\b(?:warning|warnOnce|warn)\(\s*['"`]/;
  const MADE = /[{,]\s*code: 'TAILRACE_/;
  /** They write lines to the console. */
  const WRITERS = ['edge.ts', 'producer/messages/log-line.ts', 'browser/warn.ts'];
  const WRITTEN = /\bconsole\s*[.[]/;

  it.each(sources)('of $file are in the table', ({ file, code }) => {
    expect(code).not.toMatch(SPOKEN);
    expect(code).not.toMatch(WARNED);
    // A page gets the codes alone with what belongs to them, and its text by `warn.ts`.
    if (file !== 'edge.ts' && !file.startsWith('browser/')) expect(code).not.toMatch(MADE);
    if (!WRITERS.includes(file)) expect(code).not.toMatch(WRITTEN);
  });

  it('have the remedy behind what happened, and in a log the code', () => {
    const full = message('TAILRACE_RING_FULL', 16 * 1024 * 1024);
    expect(full.text).toMatch(/^dropping events: the ring is full \(16 MiB\)\. Raise `ringBytes`/);
    expect(logLine(full)).toBe(`[tailrace] ${full.text} [TAILRACE_RING_FULL]`);
  });

  it('with a stack have the code at the end of the first line', () => {
    const { text, code } = message('TAILRACE_EXPORTER_NOT_LOADED', 'not found\n    at mine.js:1:1');
    expect(logLine({ text, code })).toBe(`[tailrace] not found [${code}]\n    at mine.js:1:1`);
  });
});

describe('an exporter warns', () => {
  it('by a topic that is a code, if it is one of tailrace', () => {
    const told: unknown[] = [];
    const tls = message('TAILRACE_TLS_FILE_NOT_READ', 'key', 'ENOENT');
    warnBy((topic, text) => told.push(warningOf(topic, text)), tls, 'key');
    expect(told).toEqual([tls]);
  });

  it.each(['mine', 'constructor', 'TAILRACE_', 'TAILRACE_NOT_DELIVERED'])(
    'by the topic %s with one code',
    (topic) => {
      expect(warningOf(topic, 'look')).toEqual({ code: 'TAILRACE_EXPORTER_WARNING', text: 'look' });
    },
  );
});

describe('numbers', () => {
  it('have the noun that belongs to them', () => {
    expect([0, 1, 2].map((count) => counted(count, 'event'))).toEqual(['0 events', '1 event', '2 events']);
  });

  it('have it where it comes as a plural', () => {
    expect(countedPlural(1, 'spooled events of a thread')).toBe('1 spooled event of a thread');
    expect(countedPlural(1, 'spans')).toBe('1 span');
    expect(countedPlural(2, 'spans')).toBe('2 spans');
    expect(countedPlural(1, 'news')).toBe('1 news');
  });

  it('have their unit', () => {
    expect([1, 1023, 1536, 16 * 1024 * 1024].map(shownBytes)).toEqual([
      '1 byte',
      '1023 bytes',
      '1.5 KiB',
      '16 MiB',
    ]);
    expect([40.4, 9_999, 10_000].map(shownDuration)).toEqual(['40 ms', '9999 ms', '10 s']);
  });
});
