/** What is to be run: one cell per section, case and subject, each with its job. */
import { bytesOf, paceOf } from './workloads.js';

/** Subjects that say something only in one section, or nothing in some. */
const fits = {
  paced: ({ id }) => id !== 'tailrace-128m' && !id.startsWith('floor-sent'),
  saturating: ({ id, kind, delivers }) =>
    id !== 'tailrace-128m' && kind !== 'floor' && (delivers || id === 'nothing'),
  burst: ({ id, kind }) => kind !== 'floor' && id !== 'tailrace-gzip',
  flush: ({ id, delivers }) => delivers && id !== 'tailrace-128m',
  startup: ({ id, kind }) => kind !== 'floor' && !['tailrace-gzip', 'tailrace-128m'].includes(id),
  rest: ({ id, kind }) => kind !== 'floor' && !['tailrace-gzip', 'tailrace-128m'].includes(id),
  rate: ({ id, delivers }) => delivers && id !== 'tailrace-128m',
};

/** @returns {{section: string, name: string, subject: object, job: object}[]} by case, all subjects of a case in a row */
export function cellsOf(section, subjects, settings) {
  const { stallMs, deadlineMs, timeoutMs } = settings;
  return casesOf(section, settings).flatMap(([name, job]) =>
    subjects.filter(fits[section]).map((subject) => ({
      section,
      name,
      subject,
      job: { stallMs, deadlineMs, timeoutMs, pace: paceOf(job.workload), ...job, subject: subject.id },
    })),
  );
}

/** @returns {[name: string, job: object][]} */
function casesOf(section, settings) {
  const { events, warmupEvents } = settings;
  const load = (workload) => ({ kind: 'load', workload, warmupEvents: warmupEvents(bytesOf(workload)) });
  switch (section) {
    case 'paced':
      return settings.workloads.map((workload) => [
        workload,
        { ...load(workload), mode: 'paced', events: events(bytesOf(workload)) },
      ]);
    case 'saturating':
      return settings.saturating.workloads.map((workload) => [
        workload,
        { ...load(workload), mode: 'saturating', events: settings.saturating.events },
      ]);
    case 'burst':
      return [
        [`${settings.burst.events} of ${settings.burst.workload}`, { kind: 'burst', ...settings.burst }],
      ];
    case 'flush': {
      const { cases, ...job } = settings.flush;
      return Object.entries(cases).map(([delayMs, repeats]) => [
        `server answers after ${delayMs} ms`,
        { kind: 'flush', ...job, delayMs: Number(delayMs), repeats },
      ]);
    }
    case 'startup':
      return [['a fresh process', { kind: 'startup', ...settings.startup }]];
    case 'rest':
      return [['an idle process', { kind: 'rest', ...settings.rest }]];
    case 'rate':
      return [[settings.rate.workload, { kind: 'rate', ...settings.rate }]];
  }
}
