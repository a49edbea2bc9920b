/** What happens to those that take part when the process ends, by the listeners that the hooks put on `process`. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ExitParticipant, joinExit } from '../../../../src/producer/exit/exit-hooks.js';
import { monotonicNow } from '../../../../src/shared/runtime/real-time.js';

type Listener = (...args: unknown[]) => void;

const EVENTS = ['beforeExit', 'exit', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Listeners of others in this process: the test runner has some. */
let others: Map<string, readonly unknown[]>;
let calls: string[];
let joined: (() => void)[];

const listenersOf = (event: string): unknown[] => process.listeners(event as 'exit');
const ours = (event: string): Listener[] =>
  listenersOf(event).filter((one) => !others.get(event)?.includes(one)) as Listener[];
const ourEvents = (): string[] => EVENTS.filter((event) => ours(event).length > 0);

/** The loop is empty; it ends by itself. */
const beforeExit = (): void => {
  for (const listener of ours('beforeExit')) listener(0);
};
const exit = (): void => {
  for (const listener of ours('exit')) listener(0);
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  others = new Map(EVENTS.map((event) => [event, listenersOf(event)]));
  calls = [];
  joined = [];
});
afterEach(() => {
  for (const leave of joined) leave();
  expect(ourEvents()).toEqual([]);
});

interface Fake extends ExitParticipant {
  waiting: number;
  deadlines: number[];
}

function participant(name: string, options: Partial<Fake> = {}): Fake {
  const fake: Fake = {
    waiting: 1,
    deadlines: [],
    exitTimeoutMs: 2_000,
    handleSignals: false,
    pending: () => fake.waiting,
    async flush(timeoutMs) {
      calls.push(`flush ${name} ${timeoutMs}`);
      fake.waiting = 0;
    },
    write: (reason) => void calls.push(`write ${name}: ${reason}`),
    begin: () => void calls.push(`begin ${name}`),
    finish(deadline) {
      calls.push(`finish ${name}`);
      fake.deadlines.push(deadline);
    },
    ...options,
  };
  return fake;
}

function join(one: ExitParticipant): () => void {
  const leave = joinExit(one);
  joined.push(leave);
  return leave;
}

describe('listeners', () => {
  it('are there from the first that joins until the last has left', () => {
    const leaveA = join(participant('a'));
    const leaveB = join(participant('b'));
    expect(ourEvents()).toEqual(['beforeExit', 'exit']);
    expect(ours('exit')).toHaveLength(1);
    leaveA();
    leaveA();
    expect(ourEvents()).toEqual(['beforeExit', 'exit']);
    leaveB();
    expect(ourEvents()).toEqual([]);
  });

  it('are on signals as long as one that takes part wants them handled', () => {
    const leave = join(participant('a', { handleSignals: true }));
    join(participant('b'));
    expect(ourEvents()).toEqual(EVENTS);
    leave();
    expect(ourEvents()).toEqual(['beforeExit', 'exit']);
  });
});

describe('at a natural end', () => {
  it('each that has something pending flushes, for as long as it may hold the exit', () => {
    join(participant('a', { exitTimeoutMs: 1_500 }));
    join(participant('b', { waiting: 0 }));
    beforeExit();
    expect(calls).toEqual(['flush a 1500']);
  });

  it('each flushes once, although Node.js asks again', async () => {
    const one = participant('a');
    join(one);
    beforeExit();
    await turn();
    one.waiting = 1;
    beforeExit();
    expect(calls).toEqual(['flush a 2000']);
  });

  it('one whose flush was in vain is not waited for again at exit', async () => {
    const failing = participant('failing', { flush: async () => {} });
    const other = participant('other');
    join(failing);
    join(other);
    beforeExit();
    await turn();
    const before = monotonicNow();
    exit();
    expect(failing.deadlines[0]).toBeLessThanOrEqual(monotonicNow());
    expect(other.deadlines[0]).toBeGreaterThan(before + 1_000);
  });
});

describe('at exit', () => {
  it('all write before any begins, and all begin before any is waited for', () => {
    join(participant('a'));
    join(participant('b'));
    exit();
    expect(calls).toEqual([
      'write a: the process ended',
      'write b: the process ended',
      'begin a',
      'begin b',
      'finish a',
      'finish b',
    ]);
  });

  it('one that joins while another writes takes part', () => {
    join(
      participant('a', {
        write: () => {
          if (calls.includes('joined')) return;
          calls.push('joined');
          join(participant('late'));
        },
      }),
    );
    exit();
    expect(calls).toEqual([
      'joined',
      'write late: the process ended',
      'begin a',
      'begin late',
      'finish a',
      'finish late',
    ]);
  });

  it('the time that it has held the exit is taken off what is left for the next', () => {
    const HELD_MS = 60;
    let startedAt = 0;
    const slow = participant('slow', {
      write: () => {
        startedAt = monotonicNow();
      },
      finish(deadline) {
        slow.deadlines.push(deadline - startedAt);
        while (monotonicNow() - startedAt < HELD_MS);
      },
    });
    join(slow);
    exit();
    exit();
    const [first, second] = slow.deadlines as [number, number];
    expect(first).toBeGreaterThan(1_900);
    expect(second).toBeLessThanOrEqual(2_000 - HELD_MS);
  });

  it('one that has left takes no part', () => {
    const leave = join(participant('gone'));
    join(participant('there'));
    leave();
    exit();
    expect(calls.join()).not.toContain('gone');
  });
});
