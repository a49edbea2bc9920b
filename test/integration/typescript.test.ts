/** Modules of the application's in TypeScript: loaded where Node.js or the application's loader can, else with a remedy. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startClient } from '../support/clients.js';
import { startBench } from '../support/engines.js';
import { startSink } from '../support/sink.js';

const FULLY_MASKED = '<fully masked due to failed mask function>';
const MASKED = 'masked by TypeScript';
const INPUT = 'langfuse.observation.input';
const REMEDY = /Unknown file extension ".ts".*: compile it to JavaScript, or use Node.js 22.18 or later/;
/** Hooks of loaders reach a worker from 22 on. */
const reachesWorkers = Number.parseInt(process.versions.node, 10) >= 22;
const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

it('a mask module is loaded as Node.js loads it, or named with what to do', async () => {
  const maskModule = new URL('../support/masks/typed.ts', import.meta.url);
  const { client, span, warnings } = await startClient({ maskModule });
  client.trace({ name: 'trace', input: 'payload' }).end();
  expect(await client.flush()).toMatchObject({ sent: 1 });
  expect(span('trace').attributes).toMatchObject({ [INPUT]: stripsTypes ? MASKED : FULLY_MASKED });
  expect(warnings).toEqual(stripsTypes ? [] : [expect.stringMatching(REMEDY)]);
});

it.skipIf(stripsTypes)('an exporter that cannot be loaded is named with what to do', async () => {
  const url = new URL('../support/masks/typed.ts', import.meta.url);
  const { engine, messages } = await startBench({ exporter: { url } });
  engine.push({ id: 1 });
  expect(await engine.flush()).toMatchObject({ failed: 1, pending: 0 });
  expect(messages.error[0]).toMatch(REMEDY);
});

const tsx = findTsx();

function findTsx(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('tsx/cli');
  } catch {
    return undefined;
  }
}

describe.skipIf(tsx === undefined)('under tsx', () => {
  it('its loader comes along', async () => {
    const sink = await startSink();
    onTestFinished(sink.close);
    const program = fileURLToPath(new URL('../support/typed-program.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [tsx as string, program, sink.url]);
    const { sent, messages } = JSON.parse(stdout);
    expect(sent).toBe(1);
    expect(messages).toEqual(reachesWorkers ? [] : [expect.stringMatching(REMEDY)]);
    const sentBytes = sink.requests.map(({ body }) => body.toString('latin1')).join();
    expect(sentBytes).toContain(reachesWorkers ? MASKED : FULLY_MASKED);
    expect(sentBytes).not.toContain('payload');
  });
});
