/** From the figures of the rounds to what is reported: net of the harness, medians, and ratios to tailrace. */
import { median, medians } from './statistics.js';

const BASELINE = 'nothing';
const REFERENCE = 'tailrace';

/** Figures that are also given without the harness's own share, measured in the same round. */
const NET = {
  mainActiveMicros: 'mainNetMicros',
  mainCpuMicros: 'mainCpuNetMicros',
  processCpuMicros: 'processCpuNetMicros',
  rssMiB: 'addedRssMiB',
};

/**
 * @returns {object} case → {job, subjects: {id → {label, median, ratioToTailrace, rounds, troubles}}}
 */
export function summarize(measured) {
  const cases = {};
  for (const { cell, ...rest } of measured) {
    const { subject: _, url: __, ...job } = cell.job;
    cases[cell.name] ??= { job, entries: [] };
    cases[cell.name].entries.push({ subject: cell.subject, ...rest });
  }
  return Object.fromEntries(
    Object.entries(cases).map(([name, { job, entries }]) => [
      name,
      { job, subjects: summarizeCase(entries) },
    ]),
  );
}

function summarizeCase(entries) {
  const baseline = entries.find(({ subject }) => subject.id === BASELINE);
  if (baseline !== undefined) for (const entry of entries) addNet(entry, baseline);
  const reference = entries.find(({ subject }) => subject.id === REFERENCE);
  return Object.fromEntries(
    entries.map(({ subject, rounds, troubles, ...rest }) => [
      subject.id,
      {
        label: subject.label,
        kind: subject.kind ?? 'peer',
        median: medians(rounds.filter(Boolean)),
        ratioToTailrace: reference === undefined ? {} : ratios(rounds, reference.rounds),
        rounds,
        troubles,
        ...rest,
      },
    ]),
  );
}

function addNet(entry, baseline) {
  for (const [round, figures] of entry.rounds.entries()) {
    for (const [figure, net] of Object.entries(NET)) {
      const [raw, share] = [figures?.[figure], baseline.rounds[round]?.[figure]];
      if (Number.isFinite(raw) && Number.isFinite(share)) figures[net] = raw - share;
    }
  }
}

/** Per figure: the median of the ratios of the rounds, not the ratio of the medians. */
function ratios(rounds, referenceRounds) {
  const names = new Set(rounds.flatMap((figures) => Object.keys(figures ?? {})));
  const found = {};
  for (const name of names) {
    const values = rounds
      .map((figures, round) => figures?.[name] / referenceRounds[round]?.[name])
      .filter((ratio) => Number.isFinite(ratio) && ratio > 0);
    if (values.length > 0) found[name] = median(values);
  }
  return found;
}
