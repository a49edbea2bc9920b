/** Where, when and with what a run was made: without it no figure means anything. */
import { cpus, release, totalmem, type } from 'node:os';
import { versionOf } from '../subjects/registry.js';

export function describeRun(subjects, skipped, settings) {
  const packages = new Set(subjects.flatMap((subject) => subject.packages));
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    mode: settings.mode,
    machine: {
      cpu: cpu?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${type()} ${release()}`,
    },
    node: process.version,
    versions: Object.fromEntries(Array.from(packages, (name) => [name, versionOf(name)])),
    skipped: skipped.map(({ id }) => id),
    rounds: settings.rounds,
  };
}
