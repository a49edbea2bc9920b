/** What came of each place the last time that it was tried: results.json, and from it the table in test/places/README.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { table } from './table.js';

const RESULTS = fileURLToPath(new URL('../results.json', import.meta.url));
const README = fileURLToPath(new URL('../README.md', import.meta.url));
const BEGIN = '<!-- places: npm run test:places -- --write -->';
const END = '<!-- /places -->';

/** Rows of places that were not tried this time stay as they are; those of places that are no more go. */
export function writeResults(places, tried) {
  const before = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {};
  const date = new Date().toISOString().slice(0, 10);
  const now = Object.fromEntries(tried.map(({ name, ...row }) => [name, { ...row, date }]));
  const results = {};
  for (const { name } of places) {
    const row = now[name] ?? before[name];
    if (row !== undefined) results[name] = row;
  }
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);

  const readme = readFileSync(README, 'utf8');
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`test/places/README.md has no ${BEGIN} … ${END}`);
  const text = `${BEGIN}\n${table(places, results)}\n`;
  writeFileSync(README, readme.slice(0, begin) + text + readme.slice(end));
}
