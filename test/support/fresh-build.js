/** For vitest: compares the build with its sources once per run, for `require-build.js` to tell the tests that need it. */
import { buildProblem } from '../../.build/build-stamp.js';

export default function setup(project) {
  project.provide('buildProblem', buildProblem() ?? '');
  project.onTestsRerun(() => project.provide('buildProblem', buildProblem() ?? ''));
}
