/** Programs that are started by something else than `node`, or are one file with Node.js inside. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

const node = process.execPath;
const ESBUILD = { esbuild: '0.28.2' };

async function bundle(place) {
  const flags = ['--bundle', '--platform=node', '--outfile=program.bundle.cjs'];
  await place.build(place.tool('esbuild/bin/esbuild'), ['program.mjs', ...flags]);
  place.write({
    'sea.json': { main: 'program.bundle.cjs', output: 'out/program', disableExperimentalSEAWarning: true },
  });
  place.write({ 'out/.keep': '' });
}

const postject = {
  name: 'single-executable application, postject',
  tools: { ...ESBUILD, postject: '1.0.0-alpha.6' },
  async run(place) {
    await bundle(place);
    const binary = await place.otherNode('20.19');
    await place.run(binary, ['--experimental-sea-config', 'sea.json']);
    const blob = join(place.folder, 'out/program');
    const program = join(place.folder, 'out/application');
    copyFileSync(binary, program);
    const fuse = ['--sentinel-fuse', 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'];
    await place.run(node, [place.tool('postject/dist/cli.js'), program, 'NODE_SEA_BLOB', blob, ...fuse]);
    const cwd = place.moved('out');
    await place.traces(join(cwd, 'application'), [], { cwd });
  },
};

const buildSea = {
  name: 'single-executable application, node --build-sea',
  tools: ESBUILD,
  fast: true,
  async run(place) {
    await bundle(place);
    await place.run(await place.otherNode('26'), ['--build-sea', 'sea.json']);
    const cwd = place.moved('out');
    await place.traces(join(cwd, 'program'), [], { cwd });
  },
};

/** What PM2 stops gets SIGINT, and is killed 1.6 s later. */
const pm2 = {
  name: 'PM2, stopped',
  tools: { pm2: '7.0.4' },
  fast: true,
  async run(place) {
    const env = { PM2_HOME: join(place.folder, '.pm2'), PM2_DISABLE_VERSION_CHECK: 'true' };
    const pm2 = [place.tool('pm2/bin/pm2'), '--silent'];
    // One script, since the daemon goes on when the command that started it has ended.
    place.write({
      'manage.mjs': `
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
const [logFile, ...pm2] = process.argv.slice(2);
const run = (...args) => spawnSync(process.execPath, [...pm2, ...args], { stdio: 'ignore' }).status;
try {
  const log = ['--output', logFile, '--error', logFile];
  console.log(run('start', 'program.mjs', '--wait-ready', '--no-autorestart', ...log));
  run('stop', 'program');
  process.stderr.write(readFileSync(logFile, 'utf8').replace('ready\\n', ''));
} finally {
  run('kill');
}
`,
    });
    const ready = "\nprocess.send('ready');\n";
    place.append('program.mjs', ready);
    await place.traces(node, ['manage.mjs', join(place.folder, 'log'), ...pm2], { env, endings: ['signal'] });
  },
};

const electron = {
  name: 'Electron, main process',
  tools: { electron: '45.5.0' },
  async run(place) {
    place.bringTools();
    // Its package has no binary: this script fetches it from where Electron is released.
    const install = await place.attempt(node, ['node_modules/electron/install.js'], { timeoutMs: 120_000 });
    if (install.code !== 0) throw new place.NotHere('the binary of Electron is not on npm');
    const flags = ['--no-sandbox', '--headless', '--disable-gpu'];
    await place.traces(node, ['node_modules/electron/cli.js', ...flags, 'program.cjs']);
  },
};

export default [buildSea, postject, pm2, electron];
