/** A setup file of vitest: fails each test that uses dist/ if the build is stale. */
import { readFileSync } from 'node:fs';
import { expect, inject } from 'vitest';

const problem = inject('buildProblem');
if (problem !== '' && usesBuild(expect.getState().testPath ?? '')) throw new Error(problem);

/** Unit tests load files from src/, except those that name dist/ themselves. */
function usesBuild(testPath) {
  return (
    !/[\\/]test[\\/](unit|model)[\\/]/.test(testPath) || readFileSync(testPath, 'utf8').includes('../dist/')
  );
}
