/** Next.js: the client is made in instrumentation.js, a route of another bundle traces with it. */
import { ANSWER, CLIENT, serve } from './harness/serve.js';

const node = process.execPath;
const VERSIONS = {
  15: { next: '15.5.29', react: '19.3.1', 'react-dom': '19.3.1' },
  16: { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' },
};
const CALM = { NEXT_TELEMETRY_DISABLED: '1' };

const FILES = {
  'package.json': { private: true },
  'app/layout.js': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;',
  'tracing.js': CLIENT,
  'answer.js': ANSWER,
  'instrumentation.js': `export async function register() {
  if (process.env.NEXT_RUNTIME === 'nodejs') await import('./tracing.js');
}
`,
  'app/ask/route.js': `import { answer } from '../../answer.js';

export const dynamic = 'force-dynamic';
export const GET = async () => new Response(await answer());
`,
};

const EDGE_ROUTE = {
  'app/ask/route.js': `export const runtime = 'edge';\n${FILES['app/ask/route.js']}`,
};

async function build(place, flags, config, files = {}) {
  place.bringTools();
  const settings = { outputFileTracingRoot: place.folder, ...config };
  place.write({ ...FILES, ...files, 'next.config.mjs': `export default ${JSON.stringify(settings)};` });
  await place.build(node, ['node_modules/next/dist/bin/next', 'build', ...flags], {
    timeoutMs: 240_000,
    env: CALM,
  });
}

const started = (port) => [node, ['node_modules/next/dist/bin/next', 'start', '--port', `${port}`]];

const served = (version, bundler, flags) => ({
  name: `Next.js ${version}, ${bundler}`,
  tools: VERSIONS[version],
  async run(place) {
    await build(place, flags, {});
    await place.serves(started, { path: '/ask', env: CALM });
  },
});

const standalone = (version, bundler, flags, what = '', config = {}) => ({
  name: `Next.js ${version}, ${bundler}, standalone${what}`,
  tools: VERSIONS[version],
  async run(place) {
    await build(place, flags, { output: 'standalone', ...config });
    const cwd = place.moved('.next/standalone');
    await place.serves(() => [node, ['server.js']], { path: '/ask', cwd, env: CALM });
  },
});

/** Nothing can be traced there: the build passes, the route answers, and one line says why. */
const edge = (version, bundler, flags) => ({
  name: `Next.js ${version}, ${bundler}, edge runtime`,
  tools: VERSIONS[version],
  todo: 'nothing is traced, one line says so: take the Node.js runtime for routes that trace',
  async run(place) {
    await build(place, flags, {}, EDGE_ROUTE);
    const { answers, stderr, stdout } = await serve({
      paths: ['/ask', '/ask'],
      command: started,
      cwd: place.folder,
      env: CALM,
    });
    const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.includes('[tailrace]'));
    const statuses = answers.map(({ status }) => status).join(' and ');
    if (statuses !== '200 and 200') throw new place.Failure(`the route answers with ${statuses}`);
    if (lines.length !== 1) throw new place.Failure(`${lines.length} lines, not one: ${lines.join(' | ')}`);
  },
});

export default [
  served(16, 'Turbopack', ['--turbopack']),
  served(16, 'webpack', ['--webpack']),
  standalone(16, 'Turbopack', ['--turbopack']),
  standalone(16, 'webpack', ['--webpack']),
  standalone(16, 'Turbopack', ['--turbopack'], ', serverExternalPackages', {
    serverExternalPackages: ['tailrace'],
  }),
  edge(16, 'Turbopack', ['--turbopack']),
  edge(16, 'webpack', ['--webpack']),
  served(15, 'webpack', []),
  served(15, 'Turbopack', ['--turbopack']),
  standalone(15, 'webpack', []),
  edge(15, 'webpack', []),
];
