/**
 * `npm run soak:chaos`: an application in which all goes wrong at once, for minutes.
 *
 *   npm run soak:chaos -- --seed 7 --minutes 3 --runs 10
 *
 * Each run has the next seed. Ends with an exit code of 1 if anything was lost, counted wrongly or told wrongly.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'rolldown';
import { soakChaos } from './chaos/run.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: '3' },
    runs: { type: 'string', default: '1' },
  },
});

if (globalThis.gc === undefined) {
  const [, , ...args] = process.argv;
  const { status } = spawnSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), ...args], {
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}

/** What may be held after all that was not before: code that has been compiled, pools of Node.js. */
const MEMORY_MARGIN_BYTES = 24 * 1024 * 1024;

const { startFaultServer, PASSING, FINAL, HARMLESS } = await loadServer();
for (let run = 0; run < Number(values.runs); run++) {
  const seed = Number(values.seed) + run;
  console.log(`node ${process.version}, seed ${seed}, ${values.minutes} min`);
  const { wrong, late, ...figures } = await soakChaos({
    seed,
    ms: Number(values.minutes) * 60_000,
    startServer: startFaultServer,
    faults: { passing: PASSING, final: FINAL, harmless: HARMLESS },
    log: console.log,
  });
  console.log(`seed ${seed}:`, figures);
  if (late.length > 0) wrong.push(`lost with a sound server: ${JSON.stringify(late.slice(0, 10))}`);
  const { grownBytes } = figures;
  if (grownBytes > MEMORY_MARGIN_BYTES) wrong.push(`${grownBytes} bytes more are in use than before`);
  for (const fault of wrong) console.error(`FAULT, seed ${seed}: ${fault}`);
  if (wrong.length > 0) process.exitCode = 1;
}

/** The server of the tests is TypeScript, which Node.js 20 does not run. */
async function loadServer() {
  const dir = new URL('../../node_modules/.cache/chaos/', import.meta.url);
  const input = { server: 'test/support/fault-server.ts', faults: 'test/support/faults.ts' };
  const root = fileURLToPath(new URL('../../', import.meta.url));
  await build({
    cwd: root,
    input,
    external: /^[^./]/,
    platform: 'node',
    output: { dir: fileURLToPath(dir), format: 'esm', entryFileNames: '[name].mjs' },
    logLevel: 'silent',
  });
  const load = (file) => import(pathToFileURL(fileURLToPath(new URL(file, dir))).href);
  return { ...(await load('server.mjs')), ...(await load('faults.mjs')) };
}
