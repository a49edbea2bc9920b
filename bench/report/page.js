/** The results as one page that needs nothing else: charts, tables, what went wrong, and how to read it. */
import { cellText, describeText, SECTIONS } from './columns.js';
import { escapeText } from './svg.js';

const STYLE = `
  :root { color-scheme: light dark }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem }
  figure { margin: 1.5rem 0 } svg { max-width: 100%; height: auto }
  .wide { overflow-x: auto } table { border-collapse: collapse; font-size: 13px; margin: .5rem 0 1.5rem }
  th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent) }
  th { vertical-align: bottom; font-weight: 600 } th:first-child, td:first-child { text-align: left; white-space: nowrap }
  tr.ours td { font-weight: 600 } small, .note { opacity: .75 }`;

export function renderPage(results, charts) {
  const { date, machine, node, versions, rounds, mode } = results;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>tailrace and its peers, measured</title>
<style>${STYLE}</style>
<h1>tailrace and its peers, measured</h1>
<p>${escapeText(`${date.slice(0, 10)} · Node.js ${node} · ${machine.cores} × ${machine.cpu} · ${machine.memoryGiB} GiB · ${machine.system} · ${mode} run, rounds: ${listOf(rounds)}`)}</p>
<p class="note">${escapeText(listOf(versions))}</p>
<p>All subjects in one run, a fresh process per case and round, rounds interleaved; the medians of the rounds. The two cores
are shared with the server that takes the events, so read ratios, not absolute times. “× tailrace” is the median of the
ratios of the rounds. Peers are at their default settings: where those lose events, that is a result.</p>
${Object.values(charts)
  .map((chart) => `<figure>${chart}</figure>`)
  .join('\n')}
${Object.entries(results.sections)
  .map(([section, cases]) => renderSection(section, cases, results.workloads))
  .join('\n')}
</html>
`;
}

const listOf = (record) =>
  Object.entries(record)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

function renderSection(section, cases, workloads) {
  const { title, columns } = SECTIONS[section];
  const parts = Object.entries(cases).map(
    ([name, { job, subjects }]) => `<h3>${escapeText(name)}</h3>
<p class="note">${escapeText(describeJob(job, workloads))}</p>
<div class="wide"><table>
<tr>${['', ...columns.map((column) => column.title)].map((text) => `<th>${escapeText(text)}</th>`).join('')}</tr>
${Object.values(subjects)
  .map((subject) => renderRow(subject, columns))
  .join('\n')}
</table></div>
${renderTroubles(subjects)}`,
  );
  return `<h2>${escapeText(title)}</h2>\n${parts.join('\n')}`;
}

function describeJob({ workload, mode, events, pace, warmupEvents }, workloads) {
  const paced = mode === 'paced' ? `, ${pace.perTick} per ${pace.tickMs} ms` : '';
  const load = events === undefined ? '' : `${events} events${paced}, after ${warmupEvents} to warm up; `;
  return load + describeText(workloads[workload]);
}

function renderRow(subject, columns) {
  const cells = [subject.label, ...columns.map((column) => cellText(subject, column))];
  return `<tr class="${subject.kind}">${cells.map((text) => `<td>${escapeText(text)}</td>`).join('')}</tr>`;
}

function renderTroubles(subjects) {
  const lines = Object.values(subjects).flatMap(({ label, troubles }) =>
    troubles.map(({ message, count }) => `<li>${escapeText(`${label}: ${count} × ${message}`)}</li>`),
  );
  return lines.length === 0 ? '' : `<ul class="note">${lines.join('')}</ul>`;
}
