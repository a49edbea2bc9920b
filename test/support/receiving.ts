/** A real receiver for a test, in this process or as `tailrace dev --strict`, and programs that trace into it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startReceiver } from '../../src/receiver/receiver.js';
import { installNode } from './node-versions.js';
import { ended } from './processes.js';
import { REPOSITORY } from './programs.js';
import { readTrees, type Tree } from './trees.js';

export interface Receiving {
  readonly url: string;
  /** `LANGFUSE_*` for a program that traces into it. */
  readonly env: NodeJS.ProcessEnv;
  trees(): Promise<Tree[]>;
  /** What it complains of, `code · field: message` each, oldest first. Empty: a Langfuse server stores all as it was sent. */
  complaints(): Promise<string[]>;
  /** Forgets all traces. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** In this process, which is the cheapest; `strict`: it answers with what it complains of. */
export async function receiveHere({ strict = false } = {}): Promise<Receiving> {
  const receiver = await startReceiver({ port: 0, strict });
  return receivingOf(receiver.url, () => receiver.close());
}

/** `tailrace dev --strict` as somebody starts it, in a process of its own. */
export async function receiveInChild(): Promise<Receiving> {
  const cli = join(REPOSITORY, 'dist/bin/cli.js');
  const child = spawn(process.execPath, [cli, 'dev', '--strict', '--quiet', '--memory', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: plainEnv(),
  });
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const url = /LANGFUSE_BASE_URL=(\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return receivingOf(url, async () => {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
      if (errors.length > 0) throw new Error(`tailrace dev: ${errors.join('')}`);
    });
  }
  throw new Error(`tailrace dev did not start: ${errors.join('')}`);
}

export interface ProgramOptions {
  /** `LANGFUSE_*` of this receiver are set. */
  readonly receiver?: { readonly env: NodeJS.ProcessEnv };
  readonly env?: NodeJS.ProcessEnv;
  /** A version of NODE_VERSIONS, which is installed if need be, or the path of a binary. Default: this one. */
  readonly node?: string;
  /** Of Node, before the program: `['--import', './preload.mjs']`. */
  readonly nodeArguments?: readonly string[];
  /** Of the program. */
  readonly args?: readonly string[];
  /** Where it runs. Default: the repository. */
  readonly folder?: string;
}

/**
 * Runs a program file to its end. Resolves to what it printed; rejects with its standard error unless it ends with 0
 * and has written nothing there.
 */
export async function runProgramFile(file: string, options: ProgramOptions = {}): Promise<string> {
  const { receiver, env, node, nodeArguments = [], args = [], folder = REPOSITORY } = options;
  const binary = node === undefined ? process.execPath : node.includes('/') ? node : installNode(node);
  const child = spawn(binary, [...nodeArguments, file, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...plainEnv(), ...receiver?.env, ...env },
  });
  const { ends, stdout, stderr } = await ended(child);
  if (ends[0] !== 0 || stderr !== '') throw new Error(`${file} ended with ${ends}: ${stderr}\n${stdout}`);
  return stdout;
}

/** Without what the test's own environment says of tracing, and without the test runner's settings. */
function plainEnv(): NodeJS.ProcessEnv {
  const isOther = (name: string) => !/^(LANGFUSE|OTEL|TAILRACE|VITEST|NODE_OPTIONS|NODE_ENV)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isOther(name)));
}

const AUTHORIZATION = `Basic ${btoa('pk-lf-test:sk-lf-test')}`;

function receivingOf(url: string, stop: () => Promise<void>): Receiving {
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: AUTHORIZATION, 'content-type': 'application/json' };
    const response = await fetch(`${url}/api/public/${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status}: ${await response.text()}`);
    return (await response.json()) as { data: Record<string, string>[] };
  };
  return {
    url,
    env: {
      LANGFUSE_BASE_URL: url,
      LANGFUSE_PUBLIC_KEY: 'pk-lf-test',
      LANGFUSE_SECRET_KEY: 'sk-lf-test',
    },
    trees: () => readTrees({ url }),
    async complaints() {
      const { data } = await ask('tailrace/complaints?limit=100');
      return data.map(({ code, field, message }) => `${code} · ${field}: ${message}`).reverse();
    },
    async clear() {
      for (;;) {
        const { data } = await ask('traces?limit=100&fields=core');
        if (data.length === 0) return;
        const body = JSON.stringify({ traceIds: data.map(({ id }) => id) });
        await ask('traces', { method: 'DELETE', body });
      }
    },
    stop,
  };
}
