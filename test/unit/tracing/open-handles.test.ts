/** What is open, by counting how many handles each call and each sweep looks at: never all of them. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('../../../src/shared/runtime/real-time.js', async (load) => {
  const real = await load<typeof import('../../../src/shared/runtime/real-time.js')>();
  return {
    ...real,
    setInterval: (...args: Parameters<typeof setInterval>) => setInterval(...args),
    clearInterval: (timer: NodeJS.Timeout) => clearInterval(timer),
    setImmediate: (...args: Parameters<typeof setImmediate>) => setImmediate(...args),
  };
});

const { childBegan, childEnded, closeAll, createOpenHandles, enter, hasNews, leave, writeQuiet } =
  await import('../../../src/tracing/open-handles.js');
const { touchTrace } = await import('../../../src/tracing/quiet-traces.js');
type OpenHandles = import('../../../src/tracing/open-handles.js').OpenHandles;
type OpenHandle = import('../../../src/tracing/open-handles.js').OpenHandle;
type OpenTrace = import('../../../src/tracing/open-handles.js').OpenTrace;

const SWEEP_MS = 1_000;
const MANY = 5_000;

/** How often a field of any handle was read. */
let looks = 0;
let written: string[] = [];
let open: OpenHandles;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout'] });
  looks = 0;
  written = [];
  open = createOpenHandles(100_000, 3_600_000, SWEEP_MS);
});
afterEach(() => vi.useRealTimers());

function counted<T extends object>(handle: T): T {
  return new Proxy(handle, {
    get(target, field) {
      looks++;
      return Reflect.get(target, field);
    },
  });
}

function observation(name: string): OpenHandle {
  return counted<OpenHandle>({
    key: null,
    previous: null,
    next: null,
    listed: false,
    openedAtSweep: 0,
    writeUnfinished: (reason) => void written.push(`${name}: ${reason}`),
  });
}

let keys = 0;

function trace(name: string): OpenTrace {
  return counted<OpenTrace>({
    key: ++keys,
    previous: null,
    next: null,
    listed: false,
    openedAtSweep: 0,
    touchedAtSweep: 0,
    quietIn: null,
    quietBefore: null,
    quietAfter: null,
    openChildren: 0,
    writeUnfinished: () => void written.push(name),
    writeNews: () => void written.push(name),
  });
}

/** A trace that something has just come to. */
function openTrace(name: string): OpenTrace {
  const one = trace(name);
  touchTrace(one, open.sweep);
  enter(open, one);
  return one;
}

function looksOf(run: () => void): number {
  looks = 0;
  run();
  return looks;
}

function each(count: number, run: (i: number) => void): void {
  for (let i = 0; i < count; i++) run(i);
}

/** All that is looked at by one call, or sweep, where there is one handle of a kind, and where there are many. */
function looksWith(prepare: (i: number) => void, run: () => void): [number, number] {
  prepare(0);
  const few = looksOf(run);
  each(MANY, (i) => prepare(i + 1));
  return [few, looksOf(run)];
}

describe('nothing looks through all that is open:', () => {
  const sweep = (): void => void vi.advanceTimersByTime(SWEEP_MS);
  const busyTrace = (i: number): void => childBegan(openTrace(`busy ${i}`));

  it.each([
    ['a sweep, with open observations', (i: number) => enter(open, observation(`${i}`)), sweep],
    ['a sweep, with traces in which something is going on', busyTrace, sweep],
    [
      'a flush, with open observations',
      (i: number) => enter(open, observation(`${i}`)),
      () => writeQuiet(open),
    ],
    ['a flush, with traces in which something is going on', busyTrace, () => writeQuiet(open)],
  ])('%s', (_, prepare, run) => {
    const [few, many] = looksWith(prepare, run);
    expect(many).toBeLessThanOrEqual(few);
    expect(written).toEqual([]);
  });

  it('a second flush, with traces that the first has written', () => {
    each(MANY, (i) => openTrace(`${i}`));
    writeQuiet(open);
    expect(written).toHaveLength(MANY);
    expect(looksOf(() => writeQuiet(open))).toBe(0);
    expect(open.count).toBe(MANY);
  });

  it('what enters and leaves', () => {
    const alone = looksOf(() => {
      const one = openTrace('one');
      childBegan(one);
      childEnded(open, one);
      leave(open, one);
    });
    each(MANY, (i) => openTrace(`${i}`));
    each(MANY, (i) => enter(open, observation(`${i}`)));
    const amongMany = looksOf(() => {
      const one = openTrace('another');
      childBegan(one);
      childEnded(open, one);
      leave(open, one);
    });
    // Its neighbours in the lists.
    expect(amongMany).toBeLessThan(alone + 10);
  });
});

describe('a quiet trace', () => {
  it('is written and let go when nothing has come to it for a whole period', () => {
    const one = openTrace('one');
    vi.advanceTimersByTime(SWEEP_MS);
    expect(one.listed).toBe(true);
    vi.advanceTimersByTime(SWEEP_MS);
    expect(one.listed).toBe(false);
    expect(written).toEqual(['one']);
    expect(open.timer).toBeUndefined();
  });

  it('stays while something comes to it, whatever is idle beside it', () => {
    const [first, second] = [openTrace('first'), openTrace('second')];
    each(5, () => {
      vi.advanceTimersByTime(SWEEP_MS);
      touchTrace(first, open.sweep);
    });
    expect([first.listed, second.listed]).toEqual([true, false]);
    expect(written).toEqual(['second']);
  });

  it('that a flush has written is let go as well, and written again where it has news', () => {
    const one = openTrace('one');
    writeQuiet(open);
    hasNews(open, one);
    writeQuiet(open);
    expect(written).toEqual(['one', 'one']);
    vi.advanceTimersByTime(2 * SWEEP_MS);
    expect(one.listed).toBe(false);
  });

  it('that has news because it is written is not written for ever', () => {
    const one: OpenTrace = openTrace('one');
    one.writeNews = () => {
      written.push('again');
      hasNews(open, one);
    };
    writeQuiet(open);
    expect(written).toEqual(['again']);
  });

  it('is none while an observation is open in it', () => {
    const one = openTrace('one');
    childBegan(one);
    writeQuiet(open);
    vi.advanceTimersByTime(5 * SWEEP_MS);
    expect(written).toEqual([]);
    childEnded(open, one);
    touchTrace(one, open.sweep);
    writeQuiet(open);
    expect(written).toEqual(['one']);
  });
});

describe('a sweep', () => {
  it('has a period of its own where traces are to be idle for a shorter time', () => {
    open = createOpenHandles(100, 1_000, 1);
    openTrace('one');
    vi.advanceTimersByTime(40);
    expect(open.sweep).toBe(0);
    expect(open.maxAgeSweeps * open.sweepMs).toBe(1_000);
  });

  it.each<[string, (i: number) => void, number]>([
    ['of idle traces', (i) => openTrace(`${i}`), 2],
    ['of old observations', (i) => enter(open, observation(`${i}`)), 3],
  ])('%s leaves the application its turns', (_, prepare, sweeps) => {
    open = createOpenHandles(100_000, 2 * SWEEP_MS, SWEEP_MS);
    each(1_000, prepare);
    const writtenBefore: number[] = [];
    const turns = vi.spyOn(globalThis, 'setImmediate').mockImplementation(((
      run: (open: OpenHandles) => void,
    ) => {
      writtenBefore.push(written.length);
      setTimeout(run, 0, open);
      return { unref() {} };
    }) as never);
    vi.advanceTimersByTime(sweeps * SWEEP_MS + 10);
    turns.mockRestore();
    expect(writtenBefore).toEqual([256, 512, 768]);
    expect(written).toHaveLength(1_000);
    expect(open.timer).toBeUndefined();
  });
});

describe('what is dropped without an end stays bounded', () => {
  it('in age, also where traces may be idle for far longer', () => {
    open = createOpenHandles(100_000, 60_000, 600_000);
    enter(open, observation('old'));
    const quiet = trace('quiet');
    vi.advanceTimersByTime(120_010);
    expect(written).toEqual(['old: open for more than 60 s']);
    enter(open, quiet);
    touchTrace(quiet, open.sweep);
    vi.advanceTimersByTime(60_000);
    expect(written).toHaveLength(1);
  });

  it('in number: the oldest is written for each that is too many', () => {
    open = createOpenHandles(100, 3_600_000, SWEEP_MS);
    each(1_000, (i) => enter(open, observation(`${i}`)));
    each(1_000, (i) => openTrace(`trace ${i}`));
    expect([open.count, open.traces.size, open.news.count]).toEqual([100, 100, 100]);
    expect(written).toHaveLength(1_900);
    expect(written[0]).toBe('0: more than 100 were open');
  });

  it('also after a handle that could not be written', () => {
    open = createOpenHandles(1, 3_600_000, SWEEP_MS);
    const bad = observation('bad');
    bad.writeUnfinished = () => {
      throw new Error('not written');
    };
    enter(open, bad);
    expect(() => enter(open, observation('good'))).toThrow('not written');
    each(3, (i) => enter(open, observation(`${i}`)));
    expect(open.count).toBe(1);
  });
});

it('closes observations before their traces, and lets nothing enter after it', () => {
  openTrace('trace');
  enter(open, observation('observation'));
  closeAll(open, 'the end');
  openTrace('late');
  expect(written).toEqual(['observation: the end', 'trace']);
  expect([open.count, open.news.count, open.idle.count]).toEqual([0, 0, 0]);
});
