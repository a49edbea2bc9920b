/** Where in the application's code an error comes from: an exporter's, a mask's. */

const MAX_FRAMES = 10;
/** A message may have lines of its own. */
const FRAME = /^at .*:\d+:\d+\)?$/;

/** The first place in the application's code that an error comes from; undefined: in none. */
export function placeOf(error: unknown): string | undefined {
  return framesOf(error)[0]
    ?.replace(/^at (?:.*\()?/, '')
    .replace(/\)$/, '');
}

/** Neither those of Node.js nor of this package; for what cannot be parsed, its line. */
export function framesOf(error: unknown): string[] {
  try {
    const { stack } = Object(error) as { stack?: unknown };
    if (typeof stack !== 'string') return [];
    const lines = stack.split('\n').map((line) => line.trim());
    const frames = lines.filter((line) => FRAME.test(line) && !isForeign(line));
    // A syntax error's stack begins with its place, and goes on with the line of code.
    const unparsed = /^(file:\S+|[\\/]\S+|\w:\\\S+):\d+$/.test(lines[0] ?? '') ? [`at ${lines[0]}`] : [];
    return [...unparsed, ...frames].slice(0, MAX_FRAMES);
  } catch {
    return [];
  }
}

/** The worker's code is in one file, or in none; with source maps its frames name the files that those were made of. */
function isForeign(frame: string): boolean {
  return /node:|\[worker eval\]|<anonymous>\)?$|[\\/]tailrace[\\/]dist[\\/]|node_modules[\\/]tailrace[\\/]src[\\/]|[\\/]dist[\\/](worker\.cjs|consumer)/.test(
    frame,
  );
}
