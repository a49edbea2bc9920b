/** Certificates that the application trusts by `tls.setDefaultCACertificates`, which reaches its own thread alone. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SELF_SIGNED } from '../support/self-signed.js';

const PROGRAM = fileURLToPath(new URL('../support/trusting-program.mjs', import.meta.url));
const run = promisify(execFile);

async function runProgram(when: string, options = {}) {
  let requests = 0;
  const server = createServer(SELF_SIGNED, (incoming, response) => {
    requests++;
    incoming.resume().on('end', () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-'));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const certificate = join(folder, 'certificate.pem');
  writeFileSync(certificate, SELF_SIGNED.cert);
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { stdout, stderr } = await run(process.execPath, [
    PROGRAM,
    url,
    certificate,
    when,
    JSON.stringify(options),
  ]);
  return { requests, stdout, stderr, outcome: stdout === '' ? undefined : JSON.parse(stdout) };
}

describe.skipIf(!('setDefaultCACertificates' in tls))('certificates that the application trusts', () => {
  it.each([{}, { worker: false }])('are trusted by the worker, without a word (%j)', async (options) => {
    const { requests, outcome } = await runProgram('early', options);
    expect(outcome).toEqual({ sent: 1, failed: 0, messages: [] });
    expect(requests).toBe(1);
  });

  it('are so when the worker runs already', async () => {
    const { outcome } = await runProgram('late');
    expect(outcome).toMatchObject({ sent: 2, failed: 0 });
  });

  it('are so where the process ends at once', async () => {
    const { requests, stderr } = await runProgram('exit', { exitTimeoutMs: 30_000 });
    expect(stderr).toBe('');
    expect(requests).toBe(1);
  });

  it('others are not', async () => {
    const { requests, outcome } = await runProgram('never', { retryWindowMs: 0 });
    expect(outcome).toMatchObject({ sent: 0, failed: 1 });
    expect(requests).toBe(0);
  });
});
