/** The cost of a client that comes or goes among many others, by the number of others that are visited. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { type ExitParticipant, joinExit } from '../../../src/producer/exit/exit-hooks.js';
import { createNotifier } from '../../../src/producer/messages/notifier.js';
import { joinEngine } from '../../../src/producer/shared-engines.js';
import type { TailraceClient } from '../../../src/tracing/api.js';
import { offerAsDefault, withdrawAsDefault } from '../../../src/tracing/default-client.js';

const MANY = 500;

it('an engine that joins or leaves the exit hooks visits no other', () => {
  let looks = 0;
  const participant = (isFirst: boolean): ExitParticipant => ({
    exitTimeoutMs: 0,
    get handleSignals() {
      looks++;
      return isFirst;
    },
    pending: () => 0,
    flush: async () => {},
    write() {},
    begin() {},
    finish() {},
  });
  const before = process.listenerCount('SIGTERM');
  const leaves = Array.from({ length: MANY }, (_, i) => joinExit(participant(i === MANY - 1)));
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  looks = 0;
  const leave = joinExit(participant(false));
  leave();
  leave();
  expect(looks).toBeLessThanOrEqual(3);
  for (const one of leaves) one();
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

it('the shutdown of a client removes it from the default clients without visiting the others', () => {
  const clients = Array.from({ length: MANY }, () => ({}) as TailraceClient);
  for (const client of clients) offerAsDefault(client);
  onTestFinished(() => {
    for (const client of clients) withdrawAsDefault(client);
  });
  const deref = vi.spyOn(WeakRef.prototype, 'deref');
  withdrawAsDefault(clients.pop() as TailraceClient);
  expect(deref).not.toHaveBeenCalled();
  deref.mockRestore();
});

it('a client that turns on debugging, or shuts down, visits none that share its engine', async () => {
  const work = { writeQuiet() {}, writeAll() {} };
  const join = () =>
    joinEngine(
      { exporter: { url: 'file:///none.mjs' }, worker: false, flushAtExit: false, ringBytes: 65_536 },
      createNotifier('none'),
      work,
    );
  const first = join();
  let looks = 0;
  const from = Array.from;
  vi.spyOn(Array, 'from').mockImplementation(((of: Iterable<unknown>, ...rest: []) => {
    if (of instanceof Set) looks += of.size;
    return from(of, ...rest);
  }) as typeof Array.from);
  onTestFinished(() => void vi.restoreAllMocks());
  const clients = from({ length: MANY }, join);
  const [one, ...others] = clients;
  one?.debug(true);
  one?.debug(false);
  await one?.shutdown();
  expect(looks).toBe(0);
  await Promise.all([first, ...others].map((client) => client.shutdown()));
});
