/**
 * A program for tests that pushes events until it is killed, and says up to which number they are safe: sent or in the
 * spool. Arguments: folder of the spool, address of the server, mode of the spool, number of the run.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createEngine } from 'tailrace/engine';

const [dir, url, mode, run] = process.argv.slice(2);
const engine = createEngine({
  exporter: { url: new URL('./json-exporter.mjs', import.meta.url), options: { url } },
  compression: 'gzip',
  spoolDir: dir,
  spool: mode,
  flushAt: 5,
  flushIntervalMs: 20,
  requestTimeoutMs: 200,
  maxInFlight: 4,
  ringBytes: 65_536,
});
for (const kind of ['error', 'warning', 'drop']) engine.on(kind, () => {});

const say = (word, number) => writeSync(1, `${word} ${number}\n`);

for (let n = 0; ; ) {
  const { accepted, sent, failed, spooled, pending, unrecovered } = await engine.flush();
  if (accepted !== sent + failed + spooled + pending || spooled < 0 || pending < 0) say('unbalanced', n);
  if (failed + unrecovered > 0) say('failed', failed + unrecovered);
  if (pending === 0) say('safe', n);
  for (let i = 0; i < 20; i++)
    engine.push({ id: randomUUID(), run: Number(run), n: n++, text: 'x'.repeat(200) });
}
