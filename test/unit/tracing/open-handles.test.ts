/** The list of open handles: what is written for want of room, whatever happens while it is. */
import { expect, it, onTestFinished } from 'vitest';
import { closeAll, createOpenHandles, enter, type OpenHandle } from '../../../src/tracing/open-handles.js';

function handle(writeUnfinished: () => void): OpenHandle {
  return {
    key: null,
    previous: null,
    next: null,
    listed: false,
    openedAtSweep: 0,
    writeUnfinished,
    closeIfIdle: () => false,
    writeIfQuiet() {},
  };
}

it('makes room again after a handle that could not be written', () => {
  const open = createOpenHandles(1, 60_000, 60_000);
  onTestFinished(() => closeAll(open, 'the test is over'));
  const written: string[] = [];
  const fail = () => {
    throw new Error('not written');
  };
  enter(open, handle(fail));
  expect(() =>
    enter(
      open,
      handle(() => written.push('second')),
    ),
  ).toThrow('not written');
  enter(
    open,
    handle(() => written.push('third')),
  );
  expect(written).toEqual(['second']);
  expect(open.count).toBe(1);
});
