/** For vitest: a test that uses dist/ fails at once where that is not made of the sources as they are. */
import { readFileSync } from 'node:fs';
import { expect, inject } from 'vitest';

const problem = inject('buildProblem');
if (problem !== '' && usesBuild(expect.getState().testPath ?? '')) throw new Error(problem);

/** Tests of single files load them from src/, but for those that name dist/ themselves. */
function usesBuild(testPath) {
  return (
    !/[\\/]test[\\/](unit|model)[\\/]/.test(testPath) || readFileSync(testPath, 'utf8').includes('../dist/')
  );
}
