/** Where `npm run soak:forward` brings events: how it starts, what a forwarder is told of it, and what is there in the end. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';

/**
 * @typedef {object} SoakTarget
 * @property {string[]} words of a forwarder's command line
 * @property {() => Promise<{ stored: number, repeats: number }>} count
 *   `stored`: different events, each under an id of its own. `repeats`: rows beyond these, of the same ids
 */

/** The local server, which keeps one row for an id. */
export async function receiverTarget({ folder, cli, start, lineOf }) {
  const args = [cli, 'dev', '--port', '0', '--data', folder, '--max-mb', '100000', '--quiet'];
  const child = start(process.execPath, args);
  child.stderr.pipe(process.stderr);
  const url = await lineOf(child, (line) => /LANGFUSE_BASE_URL=(\S+)/.exec(line)?.[1]);
  return {
    words: ['--to', 'langfuse', '--base-url', url, '--public-key', 'pk', '--secret-key', 'sk'],
    async count() {
      const response = await fetch(`${url}/api/public/observations?limit=1`, {
        headers: { authorization: `Basic ${Buffer.from('pk:sk').toString('base64')}` },
      });
      const { meta } = await response.json();
      return { stored: meta.totalItems, repeats: 0 };
    },
  };
}

/** The engine of ClickHouse, behind the HTTP server of the tests. */
export async function clickhouseTarget({ folder, start }) {
  const clickhouse = new URL('../clickhouse/', import.meta.url);
  if (!existsSync(new URL('node_modules/chdb', clickhouse))) {
    throw new Error('the engine of ClickHouse is not installed: npm install --prefix test/clickhouse');
  }
  const program = new URL('server.mjs', clickhouse).pathname;
  const child = start(process.execPath, [program, `${folder}/clickhouse`, '0', 'no-log'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ port }] = await once(child, 'message');
  const ask = async (select) => {
    const response = await fetch(`http://127.0.0.1:${port}`, {
      method: 'POST',
      headers: { 'x-clickhouse-user': 'default', 'x-clickhouse-key': '' },
      body: `${select} FORMAT JSONEachRow`,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return JSON.parse(text);
  };
  return {
    words: ['--to', `clickhouse://127.0.0.1:${port}/soak`],
    async count() {
      const table = 'soak.tailrace_observations';
      const all = await ask(
        `SELECT count() AS rows, uniqExact(name) AS events, uniqExact(id) AS ids FROM ${table}`,
      );
      const { rows } = await ask(`SELECT count() AS rows FROM ${table} FINAL`);
      const [events, ids, final] = [all.events, all.ids, rows].map(Number);
      // An event under two ids, or an id twice after the merge, is a fault.
      const stored = events === ids && ids === final ? events : Number.NaN;
      return { stored, repeats: Number(all.rows) - ids };
    },
  };
}
