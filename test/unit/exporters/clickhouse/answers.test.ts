/** What each answer to an insert means: by the code in its header, and never with a word of its text. */
import { describe, expect, it } from 'vitest';
import { outcomeOfInsert, outcomeOfStatement } from '../../../../src/exporters/clickhouse/answers.js';
import type { ExportOutcome, ExportResponse } from '../../../../src/shared/contract/exporter.js';

const URL = 'https://db.example.com:8443/path';
const SECRET = 's3cret';

function answer(
  status: number,
  code?: number,
  body = `Code: ${code}. DB::Exception: ${SECRET}`,
): ExportResponse {
  const headers: Record<string, string> =
    code === undefined ? {} : { 'x-clickhouse-exception-code': String(code) };
  return { status, headers, body: Buffer.from(body) };
}

const schema = (reason: string): ExportOutcome => ({ kind: 'failure', reason: `schema: ${reason}` });
const read = (response: ExportResponse): ExportOutcome => outcomeOfInsert(response, URL, schema);

describe('an answer to an insert', () => {
  it('without an error is a success', () => {
    expect(read(answer(200, undefined, ''))).toEqual({ kind: 'success' });
  });

  it.each([
    ['credentials', 403, 516, true, 'does not take the user and password'],
    ['an older name of it', 500, 193, true, 'does not take the user and password'],
    ['no right to insert', 403, 497, true, 'GRANT INSERT'],
    ['a read-only user', 500, 164, true, 'read-only'],
    ['a setting that is forbidden', 500, 452, true, 'settings'],
    ['a statement that is not understood', 400, 62, true, 'older than 23.12'],
    ['too many parts', 500, 252, false, 'too many parts'],
    ['no memory', 500, 241, false, 'no memory'],
    ['a full disk', 500, 243, false, 'no space'],
    ['too many queries', 500, 202, false, 'too many queries'],
    ['a quota', 500, 201, false, 'quota'],
    ['a time-out of the server', 500, 159, false, 'in time'],
    ['no keeper', 500, 999, false, 'keeper'],
    ['a code that is not known', 500, 123_456, false, 'does not take the batch (123456)'],
    ['an error behind a status of success', 200, 241, false, 'no memory'],
  ])('is tried again: %s', (_, status, code, misconfigured, text) => {
    const outcome = read(answer(status, code));
    expect(outcome).toMatchObject({
      kind: 'retryable',
      misconfigured,
      reason: expect.stringContaining(text),
    });
    expect(outcome).toMatchObject({ reason: expect.stringContaining(`clickhouse db.example.com:8443 `) });
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
  });

  it.each([16, 60, 81])('is about the schema: %i', (code) => {
    expect(read(answer(404, code))).toEqual({
      kind: 'failure',
      reason: expect.stringMatching(new RegExp(`^schema: .*\\(${code}\\)$`)),
    });
  });

  it.each([
    ['a row that cannot be read', 400, 27, ''],
    ['times of too many months', 500, 252, 'Too many partitions for single INSERT block (more than 100)'],
  ])('sends the batch in halves: %s', (_, status, code, text) => {
    expect(read(answer(status, code, text))).toMatchObject({ kind: 'too-large' });
  });

  it.each([
    ['no ClickHouse', 404, 'not found', true, 'no ClickHouse: is db.example.com:8443'],
    ['a page', 200, '<!doctype html>', true, 'no ClickHouse'],
    ['a status of success without a result', 204, '', true, 'no ClickHouse'],
    ['a proxy that refuses', 403, SECRET, true, 'does not take the user and password'],
    ['a proxy without a server', 502, SECRET, undefined, 'HTTP 502'],
    ['a redirection', 302, '', true, 'HTTP 302'],
  ])('of something before the server: %s', (_, status, text, misconfigured, reason) => {
    const outcome = read(answer(status, undefined, text));
    expect(outcome).toMatchObject({ kind: 'retryable', reason: expect.stringContaining(reason) });
    expect((outcome as { misconfigured?: boolean }).misconfigured).toBe(misconfigured);
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
  });

  it('that is too large for a proxy sends it in halves', () => {
    expect(read(answer(413, undefined, ''))).toMatchObject({ kind: 'too-large' });
  });
});

describe('an answer to a statement', () => {
  it('is not tried again by itself, and keeps its code', () => {
    expect(outcomeOfStatement(answer(404, 60), URL)).toMatchObject({ kind: 'failure', code: 60 });
    expect(outcomeOfStatement(answer(503), URL)).toMatchObject({ kind: 'failure' });
    expect(outcomeOfStatement(answer(200, undefined, '1\t0\n'), URL)).toEqual({ kind: 'success' });
  });
});
