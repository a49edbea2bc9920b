/** Clients of one destination share one worker. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asLangfuse } from '../support/clients.js';
import { type DecodedSpan, decodeRequest } from '../support/otlp.js';
import { type Sink, startSink } from '../support/sink.js';

const PROGRAM = fileURLToPath(new URL('../support/client-per-request.mjs', import.meta.url));
const DROPPED = fileURLToPath(new URL('../support/dropped-clients.mjs', import.meta.url));
const IDLE_EXIT = fileURLToPath(new URL('../support/idle-exit.mjs', import.meta.url));
const execFileAsync = promisify(execFile);

interface Outcome {
  readonly threads: number;
  readonly accepted: number;
  readonly warnings: readonly string[];
}

async function serveRequests(sink: Sink, requests: number, mode: string): Promise<Outcome> {
  const { stdout } = await execFileAsync(process.execPath, [PROGRAM, sink.url, String(requests), mode]);
  return JSON.parse(stdout);
}

async function startLangfuse(): Promise<Sink> {
  const sink = await startSink(asLangfuse);
  onTestFinished(() => sink.close());
  return sink;
}

function namesOf(sink: Sink): string[] {
  return spansOf(sink).map(({ name }) => name);
}

async function dropClients(
  sink: Sink,
  count: number,
  mode: string,
): Promise<{ gone: number; threads: number }> {
  const args = ['--expose-gc', DROPPED, sink.url, String(count), mode];
  const { stdout } = await execFileAsync(process.execPath, args);
  return JSON.parse(stdout);
}

function spansOf({ requests }: Sink): DecodedSpan[] {
  return requests.flatMap(({ body }) => decodeRequest(body).spans);
}

describe('a client per request, flushed and not shut down', () => {
  it.each(['one after the other', 'concurrent'])('shares one worker: %s', async (mode) => {
    const sink = await startLangfuse();
    const { threads, accepted, warnings } = await serveRequests(sink, 30, mode);
    expect(threads).toBe(1);
    expect(accepted).toBe(60);
    const expected = Array.from({ length: 30 }, (_, request) => [`request-${request}`, `g-${request}`]);
    expect(new Set(namesOf(sink))).toEqual(new Set(expected.flat()));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/5 clients .* are open at once.*shutdown\(\)/s);
  });

  it('leaves clients of different projects apart', async () => {
    const sink = await startLangfuse();
    const { threads, accepted, warnings } = await serveRequests(sink, 6, 'tenants');
    expect({ threads, accepted, warnings }).toEqual({ threads: 6, accepted: 2, warnings: [] });
  });
});

describe('clients that nobody keeps', () => {
  it.each(['flushed', 'left', 'shut down'])('are held by nothing: %s', async (mode) => {
    const sink = await startLangfuse();
    const count = mode === 'shut down' ? 8 : 300;
    const { gone, threads } = await dropClients(sink, count, mode);
    expect({ gone, threads }).toEqual({ gone: count - 1, threads: 0 });
    const names = new Set(namesOf(sink));
    for (let number = 0; number < count; number++) {
      expect(names).toContain(`trace-${number}`);
      expect(names).toContain(`span-${number}`);
    }
  });

  it('have what is open written when the process ends', async () => {
    const sink = await startLangfuse();
    const { gone } = await dropClients(sink, 10, 'open');
    expect(gone).toBe(0);
    const written = spansOf(sink).filter(({ name }) => name.startsWith('span-'));
    expect(written.map(({ name }) => name)).toEqual(
      Array.from({ length: 10 }, (_, number) => `span-${number}`),
    );
    for (const { attributes } of written) {
      expect(attributes['langfuse.observation.level']).toBe('WARNING');
    }
  });
});

describe('the end of a process whose worker has given its thread back', () => {
  it.each(['by itself', 'by process.exit()', 'by an exception', 'by SIGTERM'])(
    'delivers what came last: %s',
    async (way) => {
      const sink = await startLangfuse();
      await execFileAsync(process.execPath, [IDLE_EXIT, sink.url, way]).catch(() => {});
      expect(namesOf(sink).sort()).toEqual(['first', 'last', 'open']);
    },
  );

  it('starts no worker for nothing', async () => {
    const sink = await startLangfuse();
    const { stderr } = await execFileAsync(process.execPath, [IDLE_EXIT, sink.url, 'with nothing more']);
    expect(namesOf(sink)).toEqual(['first']);
    expect(stderr).toBe('');
  });
});
