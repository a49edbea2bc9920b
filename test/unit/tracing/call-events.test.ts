/** Listeners of calls: who is asked, in which order, and that a call costs nothing for those who listen for others. */
import { expect, it, vi } from 'vitest';
import { createNotifier } from '../../../src/producer/messages/notifier.js';
import { createCallEvents, emitCall } from '../../../src/tracing/call-events.js';
import type { TracingCore } from '../../../src/tracing/core.js';

const SPAN = { type: 'span', id: 's', traceId: 't', name: null } as const;

function createEvents() {
  const calls = createCallEvents(createNotifier('none'));
  return { calls, core: { calls, engine: {} } as TracingCore };
}

it('are asked in the order in which they came, whatever they listen for', () => {
  const { calls } = createEvents();
  const heard: string[] = [];
  calls.on('span-create', () => heard.push('first'));
  calls.on('*', (kind: string) => heard.push(`second ${kind}`));
  calls.on('span-update', () => heard.push('another kind'));
  const end = calls.on('span-create', () => heard.push('third'));
  calls.emit('span-create', SPAN);
  end();
  end();
  calls.emit('span-create', SPAN);
  expect(heard).toEqual(['first', 'second span-create', 'third', 'first', 'second span-create']);
});

it('a call for whose kind nobody listens makes no event', () => {
  const { calls, core } = createEvents();
  for (let i = 0; i < 1_000; i++) calls.on('score-create', () => {});
  const id = vi.fn(() => 's');
  emitCall(core, 'create', {
    ...SPAN,
    get id() {
      return id();
    },
  });
  expect(id).not.toHaveBeenCalled();
  calls.on('span-create', () => {});
  emitCall(core, 'create', {
    ...SPAN,
    get id() {
      return id();
    },
  });
  expect(id).toHaveBeenCalledOnce();
});

it('nobody is heard once all have ended', () => {
  const { calls } = createEvents();
  const ends = ['flush', 'span-create', 'span-create', '*'].map(
    (kind) => [kind, calls.on(kind, () => {})] as const,
  );
  expect(calls.hasListeners).toBe(true);
  for (const [kind, end] of ends) if (kind !== 'flush') end();
  expect([calls.hasListeners, calls.hasListenersFor('span-create')]).toEqual([false, false]);
});
