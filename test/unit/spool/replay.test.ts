/** When the replay sends what is in the spool, and how many batches at a time. The clock is a fake, and the sender a function. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Frame } from '../../../src/spool/disk/segments.js';
import {
  createReplay,
  createReplaySchedule,
  noteKept,
  noteRecovered,
  noteSent,
  noteSpooled,
  replayed,
  runReplay,
} from '../../../src/spool/replay.js';
import { finish, isWaiting, putBack } from '../../../src/spool/spool.js';
import { keepForLater, newDir, open } from '../../support/spools.js';

vi.mock(
  import('../../../src/shared/runtime/real-time.js'),
  () => import('../../support/mocked-time.js') as never,
);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A replay of a spool with these batches. `takes`: whether the server accepts what it is sent. */
function replayOf(...ids: string[]) {
  const { spool } = open(newDir());
  keepForLater(spool, ...ids);
  const schedule = createReplaySchedule(spool);
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const server = { takes: true, isBusy: false, retryAfterMs: 0, open: 0, mostOpen: 0, expedited: 0 };
  const sent: string[] = [];
  const lastTries: boolean[] = [];
  const replay = createReplay(
    schedule,
    {
      isBusy: () => server.isBusy,
      async send(frame: Frame, { records }, isLastTry) {
        sent.push(...records.map(({ id }) => id));
        lastTries.push(isLastTry);
        server.mostOpen = Math.max(server.mostOpen, ++server.open);
        await new Promise((resolve) => setTimeout(resolve, 10));
        server.open--;
        if (server.takes) return finish(spool, frame);
        putBack(spool, frame);
        noteKept(schedule, server.retryAfterMs);
      },
      expedite: () => server.expedited++,
    },
    closing.signal,
  );
  return { spool, schedule, replay, server, sent, lastTries, run: () => void runReplay(replay) };
}

describe('a round', () => {
  it('sends everything, the oldest first', async () => {
    const { spool, sent, run } = replayOf('a', 'b', 'c');
    run();
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toEqual(['a', 'b', 'c']);
    expect(isWaiting(spool)).toBe(false);
  });

  it('sends one batch alone, then four at a time', async () => {
    const { server, sent, run } = replayOf(...Array.from({ length: 20 }, (_, i) => String(i)));
    run();
    await vi.advanceTimersByTimeAsync(5);
    expect(sent).toEqual(['0']);
    await vi.advanceTimersByTimeAsync(200);
    expect(sent).toHaveLength(20);
    expect(server.mostOpen).toBe(4);
  });

  it('ends with the first batch that stays in the spool', async () => {
    const { server, sent, run } = replayOf('a', 'b');
    server.takes = false;
    run();
    await vi.advanceTimersByTimeAsync(900);
    expect(sent).toEqual(['a']);
  });

  it('waits while batches from the ring take all the room', async () => {
    const { server, sent, run } = replayOf('a');
    server.isBusy = true;
    run();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toEqual([]);
    server.isBusy = false;
    await vi.advanceTimersByTimeAsync(60);
    expect(sent).toEqual(['a']);
  });
});

describe('the next round', () => {
  it('comes after a back-off of up to 30 s if the last one was in vain', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const { server, sent, run } = replayOf('a');
    server.takes = false;
    run();
    await vi.advanceTimersByTimeAsync(1_050);
    expect(sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(300_000);
    // 1 + 2 + 4 + 8 + 16 s, then every 30 s.
    expect(sent.length).toBeGreaterThanOrEqual(13);
    expect(sent.length).toBeLessThanOrEqual(16);
  });

  it('comes no sooner than the server asks for', async () => {
    const { server, sent, run } = replayOf('a');
    Object.assign(server, { takes: false, retryAfterMs: 45_000 });
    run();
    await vi.advanceTimersByTimeAsync(44_000);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sent).toHaveLength(2);
  });

  it('comes at once when a batch from the ring is accepted, but a second after one in vain', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const { schedule, server, sent, run } = replayOf('a');
    server.takes = false;
    run();
    await vi.advanceTimersByTimeAsync(1_100);
    noteSent(schedule);
    await vi.advanceTimersByTimeAsync(500);
    expect(sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(500);
    server.takes = true;
    noteSent(schedule);
    await vi.advanceTimersByTimeAsync(20);
    expect(sent).toHaveLength(3);
  });

  it('comes as soon as allowed when the destination has recovered', async () => {
    const { spool, schedule, sent, run } = replayOf();
    run();
    await vi.advanceTimersByTimeAsync(1);
    keepForLater(spool, 'a');
    noteRecovered(schedule);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual(['a']);
  });

  it('comes a second after a new batch was spooled', async () => {
    const { spool, schedule, sent, run } = replayOf();
    run();
    await vi.advanceTimersByTimeAsync(1);
    keepForLater(spool, 'a');
    noteSpooled(schedule);
    await vi.advanceTimersByTimeAsync(900);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(sent).toEqual(['a']);
  });

  it('comes after a minute without any of these', async () => {
    const { spool, sent, run } = replayOf();
    run();
    await vi.advanceTimersByTimeAsync(1);
    keepForLater(spool, 'a');
    await vi.advanceTimersByTimeAsync(59_000);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sent).toEqual(['a']);
  });
});

describe('replayed()', () => {
  it('resolves at once if nothing is left', async () => {
    const { replay, run } = replayOf();
    run();
    await vi.advanceTimersByTimeAsync(1);
    await replayed(replay);
  });

  it('starts a round at once, whatever the back-off, and resolves at its end', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const { replay, server, sent, lastTries, run } = replayOf('a');
    server.takes = false;
    run();
    await vi.advanceTimersByTimeAsync(100);
    let isReplayed = false;
    void replayed(replay).then(() => {
      isReplayed = true;
    });
    expect(server.expedited).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect([sent.length, isReplayed]).toEqual([2, false]);
    await vi.advanceTimersByTimeAsync(20);
    expect(isReplayed).toBe(true);
    expect(lastTries).toEqual([false, true]);
  });
});
