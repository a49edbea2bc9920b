/** The results as tables for a terminal. */
import { cellText, describeText, SECTIONS } from './columns.js';

export function printSection(section, cases, workloads) {
  const { title, columns } = SECTIONS[section];
  for (const [name, { job, subjects }] of Object.entries(cases)) {
    console.log(`\n${title}: ${name} (${describeText(workloads[job.workload])})`);
    const rows = Object.values(subjects).map((subject) => [
      subject.label,
      ...columns.map((column) => cellText(subject, column)),
    ]);
    printTable([['', ...columns.map((column) => column.title)], ...rows]);
  }
}

/** What went wrong inside the subjects: errors of theirs are results too. */
export function printTroubles({ sections }) {
  const lines = new Map();
  for (const [section, cases] of Object.entries(sections)) {
    for (const [name, { subjects }] of Object.entries(cases)) {
      for (const [id, { troubles }] of Object.entries(subjects)) {
        for (const { message, count } of troubles) {
          // The times in a message differ from run to run; one line for each kind is enough here.
          const line = `${id}: ${message.replaceAll(/\d+(\.\d+)?/g, 'N').slice(0, 120)}`;
          const entry = lines.get(line) ?? { count: 0, where: new Set() };
          entry.count += count;
          entry.where.add(`${section} ${name}`);
          lines.set(line, entry);
        }
      }
    }
  }
  if (lines.size > 0) console.log('\nWhat the subjects complained about:');
  for (const [line, { count, where }] of lines)
    console.log(`  ${count} × ${line} (${[...where].join(', ')})`);
}

/** The first column to the left, numbers to the right. Long titles are broken into lines. */
export function printTable([header, ...rows]) {
  const widths = header.map((title, at) =>
    Math.max(...rows.map((row) => row[at].length), ...title.split(' ').map((word) => word.length)),
  );
  const pad = (text, at) => (at === 0 ? text.padEnd(widths[at]) : text.padStart(widths[at]));
  const lines = header.map((title, at) => wrap(title, widths[at]));
  const height = Math.max(...lines.map((wrapped) => wrapped.length));
  for (let line = 0; line < height; line++) {
    // Bottom-aligned: the last word stands on the numbers.
    console.log(
      lines.map((wrapped, at) => pad(wrapped[wrapped.length - height + line] ?? '', at)).join('  '),
    );
  }
  console.log(widths.map((width) => '─'.repeat(width)).join('──'));
  for (const row of rows) console.log(row.map(pad).join('  '));
}

function wrap(title, width) {
  const lines = [''];
  for (const word of title.split(' ')) {
    const longer = lines.at(-1) === '' ? word : `${lines.at(-1)} ${word}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
