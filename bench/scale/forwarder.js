/** `tailrace forward` as a process of its own: how much CPU it takes from its start to an empty stream, and at rest. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { processCpuMicros } from '../harness/process-cpu.js';

const CLI = fileURLToPath(new URL('../../dist/bin/cli.js', import.meta.url));
const LOOK_MS = 5;

export const toLangfuse = (url) => ['--to', 'langfuse', '--base-url', url];

/** Undefined: this build's forwarder writes no rows. */
export const toClickhouse = existsSync(new URL('../../dist/forward/targets/clickhouse', import.meta.url))
  ? (url) => ['--to', `clickhouse://${new URL(url).host}/default`, '--no-migrate']
  : undefined;

/** `options`: its target, and more. Resolves when it reads its streams. */
export async function startForwarder(redisUrl, ...options) {
  const keys = { LANGFUSE_PUBLIC_KEY: 'pk', LANGFUSE_SECRET_KEY: 'sk' };
  const child = spawn(process.execPath, [CLI, 'forward', '--from', redisUrl, ...options], {
    env: { ...process.env, ...keys },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  return {
    cpuMicros: () => processCpuMicros(child.pid),
    async stop() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** Until all streams are empty. Resolves to the longest that any stream was seen. */
export async function untilEmpty(redis, streams = ['tailrace:0']) {
  let longest = 0;
  for (;;) {
    let entries = 0;
    for (const stream of streams) {
      const length = Number(await redis.ask('XLEN', stream));
      longest = Math.max(longest, length);
      entries += length;
    }
    if (entries === 0) return longest;
    await setTimeout(LOOK_MS);
  }
}
