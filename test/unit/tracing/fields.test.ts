/** Words that an application chooses from a list: levels, types of observations and of scores, however they are spelt. */
import { describe, expect, it } from 'vitest';
import { startClient } from '../../support/clients.js';

const NAMES = {
  DEBUG: ['DEBUG', 'debug', 'trace', 'Verbose'],
  DEFAULT: ['DEFAULT', 'default', 'info', 'log', 'notice', 'ok', 'SUCCESS'],
  WARNING: ['WARNING', ' warning\n', 'warn', new String('Warn')],
  ERROR: ['ERROR', 'error', 'Error', 'fatal', 'CRITICAL'],
};
const LEVEL = 'langfuse.observation.level';

describe('a level', () => {
  it('is read in any case, and by the names that a Langfuse server knows', async () => {
    const { client, spans, warnings } = await startClient();
    for (const [level, names] of Object.entries(NAMES)) {
      for (const name of names) client.event({ name: level, level: name as never });
    }
    await client.flush();
    const arrived = spans();
    expect(arrived).toHaveLength(Object.values(NAMES).flat().length);
    for (const { name, attributes } of arrived) expect(attributes[LEVEL]).toBe(name);
    expect(warnings).toEqual([]);
  });

  it('that is none is left out, with one warning that names them and not what it was', async () => {
    const { client, span, warnings } = await startClient();
    client.event({ name: 'a', level: 'catastrophe' as never });
    client.event({ name: 'b', level: 40 as never });
    client.event({ name: 'c', level: 'toString' as never });
    client.event({ name: 'd', level: null });
    await client.flush();
    for (const name of ['a', 'b', 'c', 'd']) expect(span(name).attributes).not.toHaveProperty([LEVEL]);
    expect(warnings).toEqual([
      'level must be one of DEBUG, DEFAULT, WARNING, ERROR (in any case; also INFO, WARN, FATAL and the like): others are left out',
    ]);
  });
});

describe('a type', () => {
  it('of an observation or a score is read in any case', async () => {
    const { client, span, scores, warnings } = await startClient();
    client.startObservation('one', null, { asType: 'Generation ' as never }).end();
    client.score({ traceId: 't', name: 'right', value: 1, dataType: 'boolean' as never });
    await client.flush();
    expect(span('one').attributes['langfuse.observation.type']).toBe('generation');
    expect(scores()[0]?.body.dataType).toBe('BOOLEAN');
    expect(warnings).toEqual([]);
  });

  it('of a score that is none is that of its value, with one warning', async () => {
    const { client, scores, warnings } = await startClient();
    client.score({ traceId: 't', name: 'a', value: 1, dataType: 'PERCENT' as never });
    client.score({ traceId: 't', name: 'b', value: 'x', dataType: 'PERCENT' as never });
    await client.flush();
    expect(scores().map(({ body }) => body.dataType)).toEqual(['NUMERIC', 'CATEGORICAL']);
    expect(warnings).toEqual([expect.stringMatching(/^dataType of a score must be one of NUMERIC, /)]);
  });
});
