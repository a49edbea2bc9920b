/** A global setup of vitest: checks once per run whether the build is stale, and provides the result to `require-build.js`. */
import { buildProblem } from '../../tools/build-stamp.js';

export default function setup(project) {
  project.provide('buildProblem', buildProblem() ?? '');
  project.onTestsRerun(() => project.provide('buildProblem', buildProblem() ?? ''));
}
