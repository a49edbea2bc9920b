/** One place: a folder of its own, what is in it, and what is asked of a program there. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installNodeMeanwhile } from '../../support/node-versions.js';
import { execute } from './execute.js';
import { installTools } from './installed.js';
import { FILES, SCORES, SPANS } from './program.js';
import { SERVED_SPANS, serve } from './serve.js';
import { startSink } from './sink.js';

/** The place does not do what it should. */
export class Failure extends Error {}
/** The place cannot be had on this machine; the message says why. */
export class NotHere extends Error {}

const KEYS = { LANGFUSE_PUBLIC_KEY: 'pk-lf-1', LANGFUSE_SECRET_KEY: 'sk-lf-1' };
const ENDINGS = ['shutdown', 'natural', 'exit'];
const ENDED_WELL = { code: 0, signal: null };

/** @param {ReturnType<import('./installed.js').packPackage>} packed */
export async function openPlace({ tools = {}, bare = false }, packed) {
  const opened = [];
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'tailrace-place-'));
    opened.push(folder);
    return folder;
  };
  const folder = newFolder();
  const toolFolder = Object.keys(tools).length === 0 ? undefined : await installTools(tools);
  if (!bare)
    cpSync(packed.modules, join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  const versions = { ...tools };
  const place = {
    Failure,
    NotHere,
    folder,
    versions,
    /** A version that only the place itself can tell. */
    version(name, text) {
      versions[name] = text.trim().replace(/^v/, '');
    },
    tarball: packed.tarball,
    /** The binary of another version of Node.js. */
    async otherNode(version) {
      const binary = await installNodeMeanwhile(version);
      place.version('node', (await place.run(binary, ['--version'])).stdout);
      return binary;
    },
    /** The path of a file of a tool. */
    tool: (path) => join(toolFolder, 'node_modules', path),
    /** Some tools want to be in the project's own node_modules. */
    bringTools() {
      mkdirSync(join(folder, 'node_modules'), { recursive: true });
      const from = `${toolFolder}/node_modules/.`;
      execFileSync('cp', ['-a', '--link', '--no-clobber', from, join(folder, 'node_modules')]);
    },
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        const path = join(folder, name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text));
      }
    },
    append: (name, text) => appendFileSync(join(folder, name), text),
    attempt: (command, args, options = {}) => execute(command, args, { cwd: folder, ...options }),
    /** A program that has to end well, and without a word of warning where it is the build of a bundle. */
    async run(command, args, options = {}) {
      const ended = await place.attempt(command, args, options);
      if (ended.code !== 0) throw new Failure(`${nameOf(command, args)}: ${howItEnded(ended)}`);
      return ended;
    },
    /** @param {boolean} [options.talks] Whether the tool warns of itself as well, so that only what names us counts. */
    async build(command, args, { talks = false, ...options } = {}) {
      const { stdout, stderr } = await place.run(command, args, options);
      const output = `${stderr}\n${stdout}`;
      if (talks && !output.includes('node_modules/tailrace')) return stdout;
      // The warning itself, or else the word that there is one.
      const warning = /^\W*warn[\s\S]*/im.exec(output) ?? /warn[\s\S]*/i.exec(output);
      if (warning !== null) throw new Failure(`${nameOf(command, args)} warns: ${firstLines(warning[0])}`);
      return stdout;
    },
    /** Elsewhere, and the packages are gone: some bundles hold the address where they were when they were built. */
    moved(name) {
      const elsewhere = newFolder();
      cpSync(join(folder, name), elsewhere, { recursive: true });
      rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
      return elsewhere;
    },
    /** Runs the traced program in each of its endings: everything arrives, nothing is written to the standard error. */
    async traces(command, args, { endings = ENDINGS, ...options } = {}) {
      for (const ending of endings) await tracesOnce(command, args, ending, { cwd: folder, ...options });
    },
    /** Runs a program until it says that it is ready, and sends it a signal. */
    ended: (signal, command, args, options = {}) =>
      execute(command, args, { cwd: folder, env: { ENDING: 'signal' }, ...whenReady(signal), ...options }),
    /** The traced program ends by the signal, or as another program did, and everything has arrived. */
    endsBy: (signal, command, args, options = {}) =>
      tracesOnce(command, args, 'signal', {
        cwd: folder,
        as: { code: null, signal },
        ...whenReady(signal),
        ...options,
      }),
    /** Starts a server, asks it for `path` and ends it: it has answered, and what the request traced has arrived. */
    async serves(command, { path = '/', cwd = folder, env, quiet = /^$/ } = {}) {
      const served = await serve({ paths: [path], command, cwd, env });
      const [{ status, text }] = served.answers;
      const told = served.stderr.split('\n').filter((line) => !quiet.test(line) && line.includes('tailrace'));
      throwFaults('the server', [
        ...(status === 200 ? [] : [`answers with ${status}: ${firstLines(text)}`]),
        ...(served.timedOut ? [end(served)] : []),
        ...missingFrom(SERVED_SPANS, served.spans),
        ...onStderr(told),
      ]);
    },
    close() {
      for (const one of opened) rmSync(one, { recursive: true, force: true });
    },
  };
  place.write(FILES);
  return place;
}

async function tracesOnce(command, args, ending, options) {
  const { env, quiet = /^$/, warning, as = ENDED_WELL, also = [], ...more } = options;
  const sink = await startSink();
  try {
    const ended = await execute(command, args, {
      env: { ...KEYS, LANGFUSE_BASE_URL: sink.url, ENDING: ending, ...env },
      ...more,
    });
    const lines = ended.stderr.split('\n').filter((line) => !quiet.test(line));
    const warnings = lines.filter((line) => warning?.test(line));
    throwFaults(`end by ${ending}`, [
      ...(end(ended) === end(as) ? [] : [end(ended)]),
      ...missingFrom([...SPANS, ...SCORES, ...also], [...sink.spans, ...sink.scores]),
      ...onStderr(lines.filter((line) => !warnings.includes(line))),
      // One for the client, one for the span processor.
      ...(warning === undefined || [1, 2].includes(warnings.length) ? [] : [`${warnings.length} warnings`]),
    ]);
    return ended;
  } finally {
    sink.close();
  }
}

const whenReady = (signal) => ({
  onLine: (child, text) => {
    if (text.includes('ready')) child.kill(signal);
  },
});

function throwFaults(what, faults) {
  if (faults.length > 0) throw new Failure(`${what}: ${faults.join('; ')}`);
}

function missingFrom(wanted, found) {
  const missing = wanted.filter((name) => !found.includes(name));
  return missing.length === 0 ? [] : [`not delivered: ${missing.join(', ')}`];
}

function onStderr(lines) {
  const words = firstLines(lines.join('\n'));
  return words === '' ? [] : [`on stderr: ${words}`];
}

/** With its first words. */
export function howItEnded(ended) {
  const words = firstLines(ended.stderr) || firstLines(ended.stdout);
  return words === '' ? end(ended) : `${end(ended)}: ${words}`;
}

function end({ code, signal, timedOut }) {
  return timedOut ? 'did not end' : `ended with ${signal ?? code}`;
}

/** Without the names of folders that differ from run to run. */
function firstLines(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines
    .slice(0, 6)
    .join(' | ')
    .replaceAll(/\S*tailrace-place-\w+\//g, '')
    .slice(0, 600);
}

function nameOf(command, args) {
  const all = [command, ...args];
  return all
    .slice(0, 3)
    .map((part) => part.split('/').slice(-2).join('/'))
    .join(' ');
}
