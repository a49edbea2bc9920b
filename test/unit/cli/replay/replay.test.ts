import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scoreMeans } from '../../../../src/cli/demo/tally.js';
import { type ReplayOptions, replayFile } from '../../../../src/cli/replay/replay.js';
import { Tailrace } from '../../../../src/index.js';

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-replay-'));
  path = join(folder, 'runs.jsonl');
  const talk = (reward: number) => ({
    messages: [
      { role: 'user', content: 'hello' },
      { role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'greet', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c', content: 'greeted' },
      { role: 'assistant', content: 'done' },
    ],
    scores: [
      { name: 'reward', value: reward },
      { name: 'polite', value: true },
      { name: 'tone', value: 'warm' },
    ],
  });
  writeFileSync(path, `${JSON.stringify(talk(1))}\nnonsense\n  \n${JSON.stringify(talk(0))}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Nothing is sent: what is counted here is what replay does. */
const replay = (options: Partial<ReplayOptions> = {}) =>
  replayFile(new Tailrace({ enabled: false }), path, { name: 'runs', ...options });

describe('the tally of a replay', () => {
  it('counts traces, observations by type and scores', async () => {
    const { tally } = await replay();
    expect(tally).toMatchObject({ traces: 2, observations: { generation: 4, tool: 2 }, scores: 6 });
    expect(scoreMeans(tally)).toEqual({ reward: 0.5, polite: 1 });
  });

  it('grows with each repetition', async () => {
    const { tally, skipped } = await replay({ repeat: 3 });
    expect(tally).toMatchObject({ traces: 6, observations: { generation: 12, tool: 6 }, scores: 18 });
    expect(skipped).toBe(3);
  });

  it('names what it skips, with the line number; an empty line is nothing', async () => {
    const skippedLines: [number, string][] = [];
    const { skipped } = await replay({ onSkippedLine: (...line) => skippedLines.push(line) });
    expect(skipped).toBe(1);
    expect(skippedLines).toEqual([[2, expect.stringContaining('not JSON')]]);
  });

  it('stops when it is told to', async () => {
    const { tally } = await replay({ signal: AbortSignal.abort() });
    expect(tally.traces).toBe(0);
    const controller = new AbortController();
    const stopped = await replay({
      repeat: 1_000,
      signal: controller.signal,
      onProgress: (sofar) => sofar.traces === 3 && controller.abort(),
    });
    expect(stopped.tally.traces).toBe(3);
  });
});
