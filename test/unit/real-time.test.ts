/** Whatever waits or measures in the application's process goes by the runtime's own clocks: `shared/runtime/real-time`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../../src');
const HOME = 'shared/runtime/real-time.ts';
/** Commands are processes of their own. A page has one clock, and no module of Node.js. */
const OTHER_PROCESSES = /^(browser|cli|receiver|viewer)[/.]/;
/** The times of what an application traces follow its own `Date`. */
const MAY_ASK_DATE = ['tracing/clock.ts'];

const NAMES = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'queueMicrotask',
];
const BANNED =
  /\bperformance\.|\bhrtime\b|\bnextTick\b|\bAbortSignal\.timeout\b|\bglobalThis\.(set|clear|queue)/;
const BANNED_MODULES = /from 'node:(timers|perf_hooks)|\((['"])node:(timers|perf_hooks)/;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && file !== HOME && !OTHER_PROCESSES.test(file),
);

function codeOf(file: string): string {
  return readFileSync(join(SRC, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
}

function importedFromHome(code: string): readonly string[] {
  const [, names = ''] = /import \{([^}]*)\} from '[^']*\/real-time\.js'/.exec(code) ?? [];
  return names.split(',').map((name) => name.trim());
}

describe('clocks and timers', () => {
  it.each(files)('%s has them from shared/runtime/real-time', (file) => {
    const code = codeOf(file);
    const imported = importedFromHome(code);
    for (const name of NAMES) {
      if (new RegExp(`(?<![.\\w])${name}\\(`).test(code)) expect(imported, name).toContain(name);
    }
    expect(code).not.toMatch(BANNED);
    expect(code).not.toMatch(BANNED_MODULES);
    if (!MAY_ASK_DATE.includes(file)) expect(code).not.toMatch(/\bDate\.now\b|new Date\(\)/);
  });
});
