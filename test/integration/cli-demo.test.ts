/** The demo as a function, with outputs that can be read and a Ctrl-C that can be pressed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runDemo } from '../../dist/cli/demo/demo.js';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-demo-'));
  file = join(folder, 'runs.jsonl');
  const line = JSON.stringify({ messages: [{ role: 'assistant', content: 'hello' }] });
  writeFileSync(file, `${line}\n`.repeat(100));
});
afterAll(() => rmSync(folder, { recursive: true }));

const options = { once: true, json: false, repeat: 1 };

/** Terminals whose text is kept; `onError` is told what goes to standard error. */
function terminals(onError: (text: string) => void = () => {}) {
  const written = { stdout: '', stderr: '' };
  const controller = new AbortController();
  const output = (name: keyof typeof written) => ({
    isTTY: true,
    columns: 100,
    write(text: string) {
      written[name] += text;
      if (name === 'stderr') onError(text);
    },
  });
  const io = {
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: { NO_COLOR: '1' },
    interrupt: controller.signal,
  };
  return { io, written, interrupt: () => controller.abort('SIGINT') };
}

describe('on a terminal, the demo', () => {
  it('shows how far it is, and takes that away before it prints the summary', async () => {
    const { io, written } = terminals();
    expect(await runDemo({ ...options, file }, io)).toBe(0);
    const eraseLine = '\r\u001b[K';
    expect(written.stderr.startsWith(`${eraseLine}replaying runs.jsonl  ▕`)).toBe(true);
    expect(written.stderr.endsWith(eraseLine)).toBe(true);
    expect(written.stdout).toMatch(/^Replay of runs\.jsonl in /);
  });

  it('shows no progress with --json', async () => {
    const { io, written } = terminals();
    expect(await runDemo({ ...options, file, json: true }, io)).toBe(0);
    expect(written.stderr).toBe('');
    expect(JSON.parse(written.stdout)).toMatchObject({ traces: 100, sent: 200 });
  });

  it('sends to its receiver, whatever proxy the environment names', async () => {
    vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { io, written } = terminals();
    expect(await runDemo({ ...options, file, json: true }, io)).toBe(0);
    expect(JSON.parse(written.stdout)).toMatchObject({ sent: 200 });
  });

  it('traces all, whatever share of it the environment wants', async () => {
    vi.stubEnv('LANGFUSE_SAMPLE_RATE', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { io, written } = terminals();
    expect(await runDemo({ ...options, file, json: true }, io)).toBe(0);
    expect(JSON.parse(written.stdout)).toMatchObject({ sent: 200 });
  });

  it('measures what an event costs, whatever proxy the environment names', async () => {
    vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { io, written } = terminals();
    expect(await runDemo(options, io)).toBe(0);
    expect(written.stdout).toContain('per event, warm');
  });

  it('delivers what it has traced when it is interrupted, and says that it was', async () => {
    const { io, written, interrupt } = terminals((text) => text.includes('replaying') && interrupt());
    expect(await runDemo({ ...options, file, once: false, repeat: 1_000_000 }, io)).toBe(130);
    expect(written.stdout).toMatch(/^Replay of runs\.jsonl, 1000000 times, interrupted, in /);
    expect(written.stdout).toContain('the receiver stored all that was traced');
  });

  it('is told of a file that cannot be used before anything is started', async () => {
    const missing = join(folder, 'none.jsonl');
    await expect(runDemo({ ...options, file: missing }, terminals().io)).rejects.toThrow(
      'there is no such file',
    );
  });
});
