/** Statements with bound values: no text of a request becomes SQL. */

import { describe, expect, it } from 'vitest';
import { connect } from '../../../../../src/receiver/store/clickhouse/connection/connection.js';
import {
  allOf,
  integer,
  pairs,
  raw,
  rendered,
  sql,
  text,
  texts,
  whereAll,
} from '../../../../../src/receiver/store/clickhouse/connection/sql.js';
import { noClickhouse } from '../../../../support/clickhouse-server.js';
import { newTarget } from '../../../../support/clickhouse-target.js';

const HOSTILE = [
  `'; DROP TABLE traces; --`,
  `\\' OR 1=1`,
  '{p0:String}',
  'tab\tline\nreturn\r',
  '',
  '\\N',
  '[1]',
  'ü🚀\u2028',
];

describe('a statement', () => {
  it('has a parameter for each value, and one for a value that is used twice', () => {
    const id = text('a');
    const conditions = [sql`id = ${id}`, sql`parent = ${id} OR n > ${integer(5)}`];
    expect(rendered(sql`SELECT 1 FROM ${raw('t')}${whereAll(conditions)}`)).toEqual({
      statement: 'SELECT 1 FROM t WHERE (id = {p0:String}) AND (parent = {p0:String} OR n > {p1:Int64})',
      parameters: { p0: 'a', p1: '5' },
    });
    expect(rendered(sql`${allOf([])}`).statement).toBe('1');
  });

  it('never has a text of a value in it', () => {
    for (const value of HOSTILE.filter((one) => one !== '')) {
      expect(rendered(sql`SELECT ${text(value)}, ${texts([value])}`).statement).toBe(
        'SELECT {p0:String}, {p1:Array(String)}',
      );
    }
  });
});

describe.skipIf(noClickhouse !== undefined)('the engine', { timeout: 60_000 }, () => {
  it('reads each value as it was given', async () => {
    const connection = connect(await newTarget());
    const two = HOSTILE.map((value, at) => [value, HOSTILE[at - 1] ?? ''] as const);
    const [row] = await connection.rows(
      sql`SELECT ${texts(HOSTILE)} AS list, ${pairs(two)} AS pairs, [${HOSTILE.map((value) => sql`${text(value)}`).reduce((all, one) => sql`${all}, ${one}`)}] AS single`,
    );
    expect(row).toEqual({ list: HOSTILE, pairs: two, single: HOSTILE });
    connection.close();
  });

  it('ends a query that takes too long, or would answer with too much', async () => {
    const connection = connect(await newTarget());
    const rows = sql`SELECT number FROM numbers(100)`;
    await expect(connection.rows(rows, { maxRows: 10 })).rejects.toMatchObject({ isTooLarge: true });
    await expect(
      connection.rows(sql`SELECT sum(sipHash64(number)) AS sum FROM numbers(100000000000)`, { maxMs: 1000 }),
    ).rejects.toMatchObject({ isTooLong: true });
    connection.close();
  });
});
