/** The command line of peers.js. */
import { parseArgs } from 'node:util';
import { subjectIds } from '../subjects/registry.js';
import { settings } from './settings.js';
import { bytesOf, workloadNames } from './workloads.js';

export const sectionNames = ['paced', 'saturating', 'rate', 'burst', 'flush', 'startup', 'rest'];

export const HELP = `npm run bench:peers -- [options]

  --quick              fewer rounds, events and workloads
  --smoke              a handful of events, to see that everything runs
  --subjects a,b       of ${subjectIds.join(', ')}
  --workloads a,b      of ${workloadNames().join(', ')}
  --sections a,b       of ${sectionNames.join(', ')}
  --rounds N           of every section that has rounds
  --out DIRECTORY      where the reports go (default: bench/results)`;

export function readArguments(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: 'boolean' },
      smoke: { type: 'boolean' },
      subjects: { type: 'string' },
      workloads: { type: 'string' },
      sections: { type: 'string' },
      rounds: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const list = (text) => text?.split(',').map((item) => item.trim());
  const mode = values.smoke ? 'smoke' : values.quick ? 'quick' : 'full';
  const chosen = { ...settings[mode], mode };
  if (values.rounds !== undefined) {
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < 1) {
      throw new RangeError(`--rounds must be a whole number from 1, but got: ${values.rounds}`);
    }
    chosen.rounds = Object.fromEntries(Object.keys(chosen.rounds).map((section) => [section, rounds]));
  }
  const workloads = list(values.workloads) ?? chosen.workloads ?? workloadNames();
  // Named by hand, a workload must exist; by default, recorded conversations are taken if they are there.
  if (values.workloads !== undefined) workloads.forEach(bytesOf);
  return {
    help: values.help === true,
    subjects: list(values.subjects) ?? subjectIds,
    sections: among('--sections', list(values.sections) ?? sectionNames, sectionNames),
    directory: values.out,
    settings: { ...chosen, workloads: workloads.filter((name) => workloadNames().includes(name)) },
  };
}

function among(option, values, allowed) {
  for (const value of values) {
    if (!allowed.includes(value)) {
      throw new RangeError(`${option} must be among ${allowed.join(', ')}, but got: ${value}`);
    }
  }
  return values;
}
