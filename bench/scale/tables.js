/** Where tables go: onto the terminal, and with `--write` into the pages that have a place for them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { table } from '../report/markdown.js';
import { printTable } from '../report/terminal.js';

const PAGES = ['../../src/forward/SCALE.md', '../RESULTS.md'].map((page) => new URL(page, import.meta.url));

/** `print` prints a table; `write` puts all of them into the pages. */
export function createTables() {
  const tables = new Map();
  return {
    print(key, title, rows) {
      console.log(`\n${title}\n`);
      printTable(rows);
      tables.set(key, table(rows));
    },
    /** A place is `<!-- scale KEY -->` … `<!-- end -->`. */
    write() {
      for (const page of PAGES) {
        const text = readFileSync(page, 'utf8');
        const written = text.replaceAll(
          /(<!-- scale (\S+) -->\n).*?(<!-- end -->)/gs,
          (place, begin, key, end) => (tables.has(key) ? `${begin}\n${tables.get(key)}\n\n${end}` : place),
        );
        writeFileSync(page, written);
      }
    },
  };
}
