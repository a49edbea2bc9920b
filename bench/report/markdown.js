/** The results as Markdown tables, for RESULTS.md and README.md of bench/. */
import { cellText, describeText, SECTIONS } from './columns.js';

export function renderMarkdown({ workloads, sections }) {
  return Object.entries(sections)
    .flatMap(([section, cases]) =>
      Object.entries(cases).map(([name, { job, subjects }]) => {
        const { title, columns } = SECTIONS[section];
        // A figure that nobody has in this case takes no column.
        const shown = columns.filter((column) =>
          Object.values(subjects).some((subject) => cellText(subject, column) !== ''),
        );
        const rows = Object.values(subjects).map((subject) => [
          subject.label,
          ...shown.map((column) => cellText(subject, column)),
        ]);
        const text = describeText(workloads[job.workload]);
        return `### ${title}: ${name}\n\nEvents of ${text}.\n\n${table([['', ...shown.map((column) => column.title)], ...rows])}`;
      }),
    )
    .join('\n\n')
    .concat('\n');
}

/** The first column to the left, numbers to the right. */
export function table([header, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  );
}
