/** `tailrace/browser`, bundled for a page by each tool's default build, and run in Chromium. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const node = process.execPath;

const PROGRAM = `
import { TailraceFeedback } from 'tailrace/browser';
const feedback = new TailraceFeedback({ publicKey: 'pk-lf-1', baseUrl: location.origin });
feedback.score({ traceId: 't', name: 'thumbs', value: true }).then(({ status }) => { document.title = status; });
`;
const COMMONJS = PROGRAM.replace(/import (.*) from (.*);/, 'const $1 = require($2);');

/** The page of a folder with one script sends one score. */
async function scoresOnce(place, folder) {
  const script = readdirSync(folder, { recursive: true }).find((name) => name.endsWith('.js'));
  const bodies = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      let text = '';
      for await (const chunk of request) text += chunk;
      bodies.push(JSON.parse(text));
      response.writeHead(207).end('{"successes":[],"errors":[]}');
    } else if (request.url.endsWith('.js')) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(join(folder, script)));
    } else {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<!doctype html><title></title><script type="module" src="/${script}"></script>`);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await chromium.launch({ executablePath: chromiumPath(place), args: ['--no-sandbox'] });
  try {
    place.version('chromium', browser.version());
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction("document.title !== ''");
    const title = await page.title();
    if (title !== 'sent' || bodies.length !== 1) {
      throw new place.Failure(`the score is ${title}, after ${bodies.length} requests`);
    }
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

function chromiumPath(place) {
  try {
    return execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
  } catch {
    throw new place.NotHere('there is no chromium');
  }
}

const esbuild = (name, source, program) => ({
  name,
  tools: { esbuild: '0.28.2' },
  async run(place) {
    place.write({ [source]: program });
    await place.build(place.tool('esbuild/bin/esbuild'), [
      source,
      '--bundle',
      '--minify',
      '--outfile=out/page.js',
    ]);
    await scoresOnce(place, place.moved('out'));
  },
});

const webpack = (name, source, program) => ({
  name,
  tools: { webpack: '5.113.0', 'webpack-cli': '7.3.1' },
  async run(place) {
    const output = { path: `${place.folder}/out`, filename: 'page.js' };
    const settings = { mode: 'production', entry: `./${source}`, output };
    place.write({ [source]: program, 'webpack.config.cjs': `module.exports = ${JSON.stringify(settings)};` });
    await place.build(node, [place.tool('webpack-cli/bin/cli.js'), '--config', 'webpack.config.cjs']);
    await scoresOnce(place, place.moved('out'));
  },
});

const vite = {
  name: 'Vite, for a page',
  tools: { vite: '8.3.8' },
  async run(place) {
    place.write({
      'page.mjs': PROGRAM,
      'index.html': '<!doctype html><title></title><script type="module" src="/page.mjs"></script>',
    });
    await place.build(node, [place.tool('vite/bin/vite.js'), 'build', '--outDir', 'out']);
    await scoresOnce(place, place.moved('out'));
  },
};

export default [
  esbuild('esbuild, for a page', 'page.mjs', PROGRAM),
  esbuild('esbuild, for a page from CommonJS', 'page.cjs', COMMONJS),
  webpack('webpack 5, for a page', 'page.mjs', PROGRAM),
  webpack('webpack 5, for a page from CommonJS', 'page.cjs', COMMONJS),
  vite,
];
