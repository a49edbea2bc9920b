/** How commands find a store: real servers in child processes, killed ones, other programs, and folders in every state. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openServer, type ServerAccess } from '../../src/cli/server-access.js';
import { readServerFile } from '../../src/cli/server-file.js';
import { startReceiver } from '../../src/receiver/receiver.js';
import { ingestionEvent, postJson } from '../unit/receiver/helpers.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const KEYS = { publicKey: 'pk-lf-team', secretKey: 'sk-lf-team' };

let folder: string;
let dataDir: string;
let warnings: string[];
const toEnd: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-access-'));
  dataDir = join(folder, 'data');
  warnings = [];
});
afterEach(async () => {
  for (const end of toEnd.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
});

interface Dev {
  readonly child: ChildProcess;
  readonly url: string;
}

/** `tailrace dev` on the folder, when it has said that it runs. */
async function dev(...words: string[]): Promise<Dev> {
  const args = [CLI, 'dev', '--port', '0', '--data', dataDir, '--quiet', ...words];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  toEnd.push(() => child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /LANGFUSE_BASE_URL=(\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return { child, url };
  }
  throw new Error('tailrace dev did not start');
}

async function end({ child }: Dev, signal: NodeJS.Signals): Promise<void> {
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
}

async function open(
  options: { url?: string; create?: boolean; publicKey?: string; secretKey?: string } = {},
  env: Record<string, string> = {},
): Promise<ServerAccess> {
  const { create, ...others } = options;
  const warn = (message: string) => warnings.push(message);
  const access = await openServer({ dataDir, ...others }, env, { warn, ...(create && { create }) });
  toEnd.push(() => access.close());
  return access;
}

async function namesAt({ url, authorization }: ServerAccess): Promise<string[]> {
  const response = await fetch(`${url}/api/tailrace/traces`, { headers: { authorization } });
  expect(response.status).toBe(200);
  const { traces } = (await response.json()) as { traces: { name: string }[] };
  return traces.map(({ name }) => name);
}

const send = (url: string, name: string) =>
  postJson(`${url}/api/public/ingestion`, { batch: [ingestionEvent('trace-create', { id: name, name })] });

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  toEnd.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Another program's server. */
const otherProgram = (answer: RequestListener) => listening(createHttpServer(answer));

/** A folder with one trace, which nobody serves. */
async function filledFolder(): Promise<void> {
  const receiver = await startReceiver({ port: 0, dataDir });
  await send(receiver.url, 'kept');
  await receiver.close();
}

function leaveServerFile(content: object | string): void {
  writeFileSync(
    join(dataDir, 'server.json'),
    typeof content === 'string' ? content : JSON.stringify(content),
  );
}

describe('a folder that tailrace dev serves', () => {
  it('leads to the running server, which has said so in a file of its own, for its owner only', async () => {
    const running = await dev();
    await send(running.url, 'live');
    const access = await open();
    expect(access).toMatchObject({
      url: running.url,
      kind: 'tailrace',
      place: `the server at ${running.url}`,
    });
    expect(await namesAt(access)).toEqual(['live']);
    expect(readServerFile(dataDir)).toMatchObject({ url: running.url, pid: running.child.pid });
    expect(statSync(join(dataDir, 'server.json')).mode & 0o777).toBe(0o600);

    await end(running, 'SIGTERM');
    expect(existsSync(join(dataDir, 'server.json'))).toBe(false);
  });

  it('leads to it with the keys that it demands, of the command line or of the environment', async () => {
    const running = await dev('--public-key', KEYS.publicKey, '--secret-key', KEYS.secretKey);
    const env = { LANGFUSE_PUBLIC_KEY: KEYS.publicKey, LANGFUSE_SECRET_KEY: KEYS.secretKey };
    expect(await namesAt(await open(KEYS))).toEqual([]);
    expect(await namesAt(await open({}, env))).toEqual([]);
    await expect(open()).rejects.toThrow(
      `the server at ${running.url} demands keys: give --public-key and --secret-key, or set LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY`,
    );
    await expect(open({ ...KEYS, secretKey: 'sk-lf-wrong' })).rejects.toThrow('does not accept these keys');
    expect(readFileSync(join(dataDir, 'server.json'), 'utf8')).not.toContain('-lf-');
  });

  it('keeps the keys of the environment from a server that demands none', async () => {
    await dev();
    const { authorization } = await open({}, { LANGFUSE_PUBLIC_KEY: 'pk', LANGFUSE_SECRET_KEY: 'secret' });
    expect(atob(authorization.replace('Basic ', ''))).toBe('pk-lf-local:sk-lf-local');
  });

  it('is read from a server of the command after the running one was killed', async () => {
    const running = await dev();
    await send(running.url, 'before');
    await end(running, 'SIGKILL');
    expect(existsSync(join(dataDir, 'server.json'))).toBe(true);
    const access = await open();
    expect(access.url).not.toBe(running.url);
    expect(await namesAt(access)).toEqual(['before']);
    expect(warnings).toEqual([]);
  });

  it('keeps the file of a second server when the first one ends', async () => {
    const first = await dev();
    const second = await dev();
    await end(first, 'SIGTERM');
    expect((await open()).url).toBe(second.url);
    await end(second, 'SIGTERM');
    expect(existsSync(join(dataDir, 'server.json'))).toBe(false);
  });
});

describe('a file of a server that is gone', () => {
  beforeEach(filledFolder);

  it('is not believed if another tailrace server has the port, and the process has its number', async () => {
    const other = await startReceiver({ port: 0 });
    toEnd.push(() => other.close());
    leaveServerFile({ url: other.url, pid: process.pid, instance: 'of an earlier server' });
    expect(await namesAt(await open())).toEqual(['kept']);
  });

  it('is not believed if another program has the port', async () => {
    const url = await otherProgram((_request, response) => response.end('{"instance": "x"}'));
    leaveServerFile({ url, pid: process.pid, instance: 'x' });
    expect(await namesAt(await open())).toEqual(['kept']);
  });

  it('is told of if its process is alive but silent', async () => {
    const silent = createServer();
    const url = await listening(silent);
    leaveServerFile({ url, pid: process.pid, instance: 'x' });
    expect(await namesAt(await open())).toEqual(['kept']);
    expect(warnings).toEqual([
      `process ${process.pid} serves ${dataDir} at ${url}, but no answer within 2 s: the folder is read beside it`,
    ]);
  });

  it('that names another machine is not followed: a project may come with such a file', async () => {
    leaveServerFile({ url: 'http://192.0.2.1:3210', pid: process.pid, instance: 'x' });
    expect(await namesAt(await open(KEYS))).toEqual(['kept']);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"url": 1}',
    '{"url":"http://127.0.0.1:1","pid":-1,"instance":"x"}',
    ' '.repeat(9_999),
  ])('is nothing if it says %j', async (text) => {
    leaveServerFile(text);
    expect(await namesAt(await open())).toEqual(['kept']);
  });
});

describe('a folder that nobody serves', () => {
  it('is read by a server that only the command can use, and that ends with it', async () => {
    await filledFolder();
    const access = await open();
    expect(access.place).toBe(`the folder ${dataDir}`);
    expect(await namesAt(access)).toEqual(['kept']);
    expect((await fetch(`${access.url}/api/tailrace/traces`)).status).toBe(401);
    const answer = await postJson(`${access.url}/api/public/ingestion`, { batch: [] });
    expect(answer.status).toBe(401);
    expect(existsSync(join(dataDir, 'server.json'))).toBe(false);
    await access.close();
    await access.close();
    await expect(fetch(access.url)).rejects.toThrow();
  });

  it('must exist', async () => {
    await expect(open()).rejects.toThrow(
      `there is no folder ${dataDir} with traces: run "tailrace dev" in this folder and send traces to it, name another folder with --data, or a server with --url`,
    );
    expect(existsSync(dataDir)).toBe(false);
  });

  it('must hold a database', async () => {
    mkdirSync(dataDir);
    await expect(open()).rejects.toThrow(`the folder ${dataDir} holds no traces (no tailrace.db): run `);
    expect(existsSync(join(dataDir, 'tailrace.db'))).toBe(false);
  });

  it('must be a folder', async () => {
    writeFileSync(dataDir, '');
    await expect(open()).rejects.toThrow(`${dataDir} is no folder: name another folder with --data`);
  });

  it('must hold a database of tailrace', async () => {
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'tailrace.db'), 'x'.repeat(10_000));
    await expect(open()).rejects.toThrow(/tailrace\.db is not a database of tailrace: move it away/);
  });

  it('is made for a command that writes', async () => {
    expect(await namesAt(await open({ create: true }))).toEqual([]);
    expect(existsSync(join(dataDir, 'tailrace.db'))).toBe(true);
  });
});

describe('a server by its URL', () => {
  it('is used, and the folder is not looked at', async () => {
    const receiver = await startReceiver({ port: 0, keys: KEYS });
    toEnd.push(() => receiver.close());
    expect(await open({ url: receiver.url, ...KEYS })).toMatchObject({ url: receiver.url, kind: 'tailrace' });
    await expect(open({ url: receiver.url })).rejects.toThrow('demands keys');
  });

  it('is used if it is a Langfuse server, with keys', async () => {
    const seen: (string | undefined)[] = [];
    const url = await otherProgram(({ url: path, headers }, response) => {
      if (path === '/api/public/health') response.end('{"status":"OK","version":"3.100.0"}');
      else if (path === '/api/public/projects') {
        seen.push(headers.authorization);
        response.statusCode = headers.authorization === `Basic ${btoa('pk:sk')}` ? 200 : 401;
        response.end('{"data":[]}');
      } else response.writeHead(404).end('<html>');
    });
    const keys = { publicKey: 'pk', secretKey: 'sk' };
    expect(await open({ url, ...keys })).toMatchObject({ url, kind: 'langfuse' });
    await expect(open({ url, ...keys, secretKey: 'no' })).rejects.toThrow('does not accept these keys');
    await expect(open({ url })).rejects.toThrow('demands keys');
    expect(seen).toHaveLength(2);
  });

  it('must answer', async () => {
    const squatter = createServer();
    const url = await listening(squatter);
    squatter.close();
    await once(squatter, 'close');
    await expect(open({ url })).rejects.toThrow(
      `there is no answer from ${url}: the connection is refused: no program listens there`,
    );
    await expect(open({ url: 'http://no-such-host.invalid' })).rejects.toThrow(/the name of the host/);
  });

  it('must speak HTTP', async () => {
    const url = await listening(createServer((socket) => socket.end('220 mail\r\n')));
    await expect(open({ url })).rejects.toThrow(`there is no answer from ${url}: `);
  });

  it('must be a server of traces', async () => {
    const url = await otherProgram((_request, response) => response.end('<html>'));
    await expect(open({ url })).rejects.toThrow(
      `${url} is neither a tailrace nor a Langfuse server: /api/public/health answers with HTTP 200`,
    );
  });

  it('must not answer without end', async () => {
    const url = await otherProgram((_request, response) => {
      const more = () => response.write('x'.repeat(65_536), (error) => error || more());
      more();
    });
    await expect(open({ url })).rejects.toThrow('its answer has more than 1048576 bytes');
  });

  it('gets no keys by a redirect', async () => {
    const asked: unknown[] = [];
    const elsewhere = await otherProgram(({ headers }, response) => {
      asked.push(headers.authorization);
      response.end('{"status":"OK","version":"1"}');
    });
    const url = await otherProgram((_request, response) =>
      response.writeHead(302, { location: elsewhere }).end(),
    );
    await expect(open({ url, ...KEYS })).rejects.toThrow('answers with HTTP 302');
    expect(asked).toEqual([]);
  });
});
