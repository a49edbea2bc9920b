/** How engines take part in the end of a process: the order of the steps, and the time that they may take. */
import { afterEach, describe, expect, it } from 'vitest';
import { type ExitParticipant, joinExit } from '../../../../src/producer/exit/exit-hooks.js';
import { monotonicNow } from '../../../../src/shared/runtime/real-time.js';

const leaves: (() => void)[] = [];
afterEach(() => {
  for (const leave of leaves.splice(0)) leave();
});

/** Joins, and returns the listeners that this has added to the process: Node.js would call them at its end. */
function join(...participants: readonly ExitParticipant[]) {
  const before = new Set(['beforeExit', 'exit'].flatMap((event) => process.rawListeners(event)));
  leaves.push(...participants.map(joinExit));
  const added = (event: string) =>
    process.rawListeners(event).filter((listener) => !before.has(listener)) as (() => void)[];
  const run = (event: string) => () => {
    for (const listener of added(event)) listener();
  };
  return { beforeExit: run('beforeExit'), exit: run('exit') };
}

function participant(name: string, log: string[], parts: Partial<ExitParticipant> = {}): ExitParticipant {
  return {
    exitTimeoutMs: 1_000,
    handleSignals: false,
    pending: () => 1,
    async flush(timeoutMs) {
      log.push(`${name} flush ${timeoutMs}`);
    },
    write: (reason) => log.push(`${name} write: ${reason}`),
    begin: () => log.push(`${name} begin`),
    finish: () => log.push(`${name} finish`),
    ...parts,
  };
}

describe('at an exit', () => {
  it('all take each step before any takes the next', () => {
    const log: string[] = [];
    join(participant('a', log), participant('b', log)).exit();
    const reason = 'the process ended';
    const steps = [`a write: ${reason}`, `b write: ${reason}`, 'a begin', 'b begin', 'a finish', 'b finish'];
    expect(log).toEqual(steps);
  });

  it('each has its own time, less the time for which the exit has been held', () => {
    const deadlines: number[] = [];
    const blocking = participant('a', [], {
      finish(deadline) {
        deadlines.push(deadline - monotonicNow());
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      },
    });
    const { exit } = join(blocking);
    exit();
    exit();
    const [first = 0, second = 0] = deadlines;
    expect(first).toBeLessThanOrEqual(1_000);
    expect(second).toBeLessThanOrEqual(900 + 1);
    expect(second).toBeGreaterThan(0);
  });
});

describe('at a natural end', () => {
  it('each that has something pending flushes, once', () => {
    const log: string[] = [];
    const idle = participant('idle', log, { pending: () => 0 });
    const { beforeExit } = join(participant('a', log), idle);
    beforeExit();
    beforeExit();
    expect(log).toEqual(['a flush 1000']);
  });

  it('a flush that was in vain has used up the time of the exit', async () => {
    const deadlines: number[] = [];
    const vain = participant('a', [], { finish: (deadline) => deadlines.push(deadline - monotonicNow()) });
    const { beforeExit, exit } = join(vain);
    beforeExit();
    await new Promise((resolve) => setImmediate(resolve));
    exit();
    expect(deadlines[0]).toBeLessThanOrEqual(0);
  });
});

it('the last that leaves takes all hooks with it', () => {
  const emit = process.emit;
  const counts = () => ['beforeExit', 'exit', 'SIGTERM'].map((event) => process.listenerCount(event));
  const before = counts();
  const leave = [joinExit(participant('a', [], { handleSignals: true })), joinExit(participant('b', []))];
  expect(process.emit).not.toBe(emit);
  expect(process.listenerCount('SIGTERM')).toBe((before[2] as number) + 1);
  leave[0]?.();
  expect(process.listenerCount('SIGTERM')).toBe(before[2]);
  leave[1]?.();
  expect(counts()).toEqual(before);
  expect(process.emit).toBe(emit);
});
