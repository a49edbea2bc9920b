/** Messages go to channels and listeners, and to the logger or the console if there is no listener. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import pino from 'pino';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { resolveLogger } from '../../../../src/config/log-options.js';
import type { Logger } from '../../../../src/config/option-types.js';
import { message } from '../../../../src/messages/message.js';
import { createNotifier } from '../../../../src/producer/messages/notifier.js';

const CHANNELS = ['tailrace:error', 'tailrace:drop', 'tailrace:warning', 'tailrace:debug'];

const LOST = message('TAILRACE_NOTHING_SENT', 'lost');
const FULL = { code: 'TAILRACE_RING_FULL', text: 'full' } as const;
const LOOK = message('TAILRACE_OPTION', 'look');
const SENT = { code: 'TAILRACE_BATCH', text: 'sent' } as const;

function collect(): { logger: Required<Logger>; lines: string[] } {
  const lines: string[] = [];
  const write = (level: string) => (line: string) => lines.push(`${level} ${line}`);
  return {
    logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    lines,
  };
}

function tellAll(notifier: ReturnType<typeof createNotifier>): void {
  notifier.error(LOST, { events: 2 });
  notifier.drop(FULL, { reason: 'ring-full', dropped: 1 });
  notifier.warning(LOOK);
  notifier.debug(SENT);
}

function onConsole(): string[] {
  const lines: string[] = [];
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((line) => lines.push(`${level} ${line}`));
  }
  return lines;
}

afterEach(() => vi.restoreAllMocks());

describe('a logger', () => {
  it('gets messages without a listener, at their level, and the console gets none', () => {
    const written = onConsole();
    const { logger, lines } = collect();
    const notifier = createNotifier('debug', logger);
    notifier.on('drop', () => {});
    tellAll(notifier);
    expect(lines).toEqual([
      'error [tailrace] lost [TAILRACE_NOTHING_SENT]',
      'warn [tailrace] look [TAILRACE_OPTION]',
      'debug [tailrace] sent [TAILRACE_BATCH]',
    ]);
    expect(written).toEqual([]);
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 3],
    ['error', 1],
    ['none', 0],
  ] as const)('gets from level %s on: %i of four', (level, count) => {
    const { logger, lines } = collect();
    tellAll(createNotifier(level, logger));
    expect(lines).toHaveLength(count);
  });

  it('gets the error of a listener that throws', () => {
    const { logger, lines } = collect();
    const notifier = createNotifier('warn', logger);
    notifier.on('warning', () => {
      throw new Error('mine');
    });
    notifier.warning(LOOK);
    expect(lines).toEqual([
      `error [tailrace] a listener for 'warning' threw: mine [TAILRACE_MESSAGE_LISTENER_FAILED]`,
    ]);
  });

  it('may be pino', () => {
    const lines: string[] = [];
    const logger = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
    tellAll(createNotifier('debug', logger));
    const { levels } = logger;
    expect(
      lines.map((line) => JSON.parse(line)).map(({ level, msg }) => [levels.labels[level], msg]),
    ).toEqual([
      ['error', '[tailrace] lost [TAILRACE_NOTHING_SENT]'],
      ['warn', '[tailrace] full [TAILRACE_RING_FULL]'],
      ['warn', '[tailrace] look [TAILRACE_OPTION]'],
      ['debug', '[tailrace] sent [TAILRACE_BATCH]'],
    ]);
  });

  it('that lacks a method gets the message through the next louder one, or its loudest', () => {
    const { logger, lines } = collect();
    tellAll(createNotifier('debug', { warn: logger.warn }));
    expect(lines).toEqual([
      'warn [tailrace] lost [TAILRACE_NOTHING_SENT]',
      'warn [tailrace] full [TAILRACE_RING_FULL]',
      'warn [tailrace] look [TAILRACE_OPTION]',
      'warn [tailrace] sent [TAILRACE_BATCH]',
    ]);
  });

  it('is called as a method', () => {
    class Mine {
      readonly lines: string[] = [];
      warn(line: string) {
        this.lines.push(line);
      }
    }
    const logger = new Mine();
    createNotifier('warn', logger).warning(LOOK);
    expect(logger.lines).toEqual(['[tailrace] look [TAILRACE_OPTION]']);
  });

  it('that throws, or whose promise rejects, does no harm: the line is on the console', async () => {
    const written = onConsole();
    const rejections: unknown[] = [];
    const onRejection = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', onRejection);
    onTestFinished(() => void process.off('unhandledRejection', onRejection));
    const logger: Logger = {
      error() {
        throw new Error('disk full');
      },
      warn: async () => {
        throw new Error('disk full');
      },
    };
    const notifier = createNotifier('warn', logger);
    notifier.error(LOST, { events: 1 });
    notifier.warning(LOOK);
    await new Promise(setImmediate);
    expect(written).toEqual([
      'error [tailrace] lost [TAILRACE_NOTHING_SENT]',
      'warn [tailrace] look [TAILRACE_OPTION]',
    ]);
    expect(rejections).toEqual([]);
  });

  it('and a console that both throw do no harm', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {
      throw new Error('no console');
    });
    const trap = new Proxy({}, { get: () => expect.unreachable() }) as Logger;
    expect(() => createNotifier('warn', trap).warning(LOOK)).not.toThrow();
  });
});

describe('option logger', () => {
  const resolve = (value: unknown) => {
    const problems: string[] = [];
    return { logger: resolveLogger(value, problems), problems };
  };

  it('takes an object with at least one of the methods', () => {
    for (const logger of [console, { error() {} }, pino({ level: 'silent' })]) {
      expect(resolve(logger)).toEqual({ logger, problems: [] });
    }
    expect(resolve(undefined)).toEqual({ logger: undefined, problems: [] });
  });

  it.each([[{}], [{ warn: 'x' }], [() => {}], ['console'], [false], [42]])(
    'is named in one warning, and the console taken, where it is %o',
    (value) => {
      const { logger, problems } = resolve(value);
      expect(logger).toBeUndefined();
      expect(problems).toEqual([
        expect.stringMatching(
          /^option logger must be an object with the methods debug, info, warn, error, but got: .*; using the console$/,
        ),
      ]);
    },
  );

  it('that cannot be read is refused', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(resolve(proxy).problems).toHaveLength(1);
  });
});

describe('channels', () => {
  it('carry each message with its details, besides listeners and the log', () => {
    const published: unknown[] = [];
    const onMessage = (message: unknown, name: string | symbol) =>
      published.push({ name, ...(message as object) });
    for (const name of CHANNELS) subscribe(name, onMessage);
    onTestFinished(() => {
      for (const name of CHANNELS) unsubscribe(name, onMessage);
    });
    const notifier = createNotifier('none');
    notifier.on('warning', () => {});
    tellAll(notifier);
    expect(published).toEqual([
      { name: 'tailrace:error', message: 'lost', code: 'TAILRACE_NOTHING_SENT', events: 2 },
      { name: 'tailrace:drop', message: 'full', code: 'TAILRACE_RING_FULL', reason: 'ring-full', dropped: 1 },
      { name: 'tailrace:warning', message: 'look', code: 'TAILRACE_OPTION' },
      { name: 'tailrace:debug', message: 'sent', code: 'TAILRACE_BATCH' },
    ]);
  });

  it('with a subscriber make each batch reported', () => {
    const notifier = createNotifier();
    const onMessage = () => {};
    expect(notifier.wantsDebug()).toBe(false);
    subscribe('tailrace:debug', onMessage);
    expect(notifier.wantsDebug()).toBe(true);
    unsubscribe('tailrace:debug', onMessage);
  });
});

it('a function that is added twice is called twice, and is removed once at a time', () => {
  const notifier = createNotifier('none');
  const heard: string[] = [];
  const listener = (message: string): void => void heard.push(message);
  const [endFirst, endSecond] = [notifier.on('warning', listener), notifier.on('warning', listener)];
  notifier.warning(message('TAILRACE_EXPORTER_WARNING', 'both'));
  endFirst();
  endFirst();
  notifier.warning(message('TAILRACE_EXPORTER_WARNING', 'one'));
  endSecond();
  notifier.warning(message('TAILRACE_EXPORTER_WARNING', 'none'));
  expect(heard).toEqual(['both', 'both', 'one']);
});
