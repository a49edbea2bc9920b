/** Writes the reports of a run into a directory: the figures, the page, and the charts as files of their own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawCharts } from './charts.js';
import { renderMarkdown } from './markdown.js';
import { renderPage } from './page.js';

/** @returns {string[]} the files written */
export function writeReports(results, directory) {
  const charts = drawCharts(results);
  const files = {
    'peers.json': `${JSON.stringify(results, rounded)}\n`,
    'peers.html': renderPage(results, charts),
    'peers.md': renderMarkdown(results),
    ...Object.fromEntries(Object.entries(charts).map(([name, chart]) => [`${name}.svg`, chart])),
  };
  return Object.entries(files).map(([name, content]) => {
    const file = join(directory, name);
    writeFileSync(file, content);
    return file;
  });
}

/** Six digits are more than any of these figures has. */
function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
