import { describe, expect, it } from 'vitest';
import { activeValue, runWithValue } from '../../../../src/shared/runtime/context.js';
import { isSuppressed, runSuppressed } from '../../../../src/shared/runtime/suppression.js';

const A = {};
const B = {};

interface Entry {
  outer: Entry | undefined;
}

/** The number of entries in the context. */
function depth(): number {
  const shared = Reflect.get(globalThis, Symbol.for('tailrace.context/1'));
  let entries = 0;
  for (let entry: Entry | undefined = shared.storage.getStore(); entry; entry = entry.outer) entries++;
  return entries;
}

describe('the active value', () => {
  it('belongs to its owner', () => {
    runWithValue(A, 1, () => {
      runWithValue(B, 2, () => {
        expect([activeValue(A), activeValue(B)]).toEqual([1, 2]);
        runWithValue(A, 3, () => expect([activeValue(A), activeValue(B)]).toEqual([3, 2]));
        expect([activeValue(A), activeValue(B)]).toEqual([1, 2]);
      });
      expect([activeValue(A), activeValue(B)]).toEqual([1, undefined]);
    });
    expect(activeValue(A)).toBeUndefined();
  });

  it('stays active after an await, and in work that was started there', async () => {
    const inside = runWithValue(A, 1, async () => {
      await null;
      return activeValue(A);
    });
    expect(activeValue(A)).toBeUndefined();
    expect(await inside).toBe(1);
  });

  it('keeps one entry for each owner, however often one runs inside another', () => {
    const nest = (times: number): number =>
      times === 0 ? depth() : runWithValue(times % 3 === 0 ? B : A, times, () => nest(times - 1));
    expect(nest(100)).toBe(2);
  });

  it('may be suppressed for all, however deep', async () => {
    expect(isSuppressed()).toBe(false);
    await runWithValue(A, 1, () =>
      runSuppressed(async () => {
        await null;
        expect([isSuppressed(), activeValue(A)]).toEqual([true, undefined]);
        runWithValue(A, 2, () => expect([isSuppressed(), activeValue(A)]).toEqual([true, 2]));
      }),
    );
    expect(isSuppressed()).toBe(false);
  });
});
