/** Runs child.js, with a look at the servers before and after the measured events. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));

/**
 * Resolves to the figures of the child, and `after` of the second look less the first one. `look`: returns an object of
 * numbers that only grow.
 */
export async function runExporter(job, look = async () => ({})) {
  const child = fork(CHILD, [JSON.stringify(job)], { execArgv: ['--expose-gc'] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${job.options?.exporter ?? 'a client'} has ended with ${code}`);
  });
  ended.catch(() => {});
  await Promise.race([once(child, 'message'), ended]);
  const before = await look();
  child.send('go');
  const [figures] = await Promise.race([once(child, 'message'), ended]);
  const after = await look();
  const grown = Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - before[name]]),
  );
  return { ...figures, ...grown };
}
