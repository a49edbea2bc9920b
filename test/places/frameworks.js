/** Frameworks that build a server of their own: a route traces with the client that the application has made. */
import { ANSWER, CLIENT } from './harness/serve.js';

/** Both want a newer one than the oldest that we support. */
const NODE = '24';

const reactRouter = {
  name: 'React Router, framework mode',
  tools: {
    'react-router': '8.4.0',
    '@react-router/dev': '8.4.0',
    '@react-router/node': '8.4.0',
    '@react-router/serve': '8.4.0',
    react: '19.3.1',
    'react-dom': '19.3.1',
    isbot: '5.2.3',
    vite: '8.3.8',
  },
  async run(place) {
    const node = await place.otherNode(NODE);
    place.bringTools();
    place.write({
      // Without isbot it would install that, and remove what is not listed.
      'package.json': { type: 'module', dependencies: { isbot: '5' } },
      'vite.config.js': `import { reactRouter } from '@react-router/dev/vite';
export default { plugins: [reactRouter()] };
`,
      'app/root.jsx': `import { Outlet } from 'react-router';
export default () => <html lang="en"><body><Outlet /></body></html>;
`,
      'app/routes.js': "export default [{ path: 'ask', file: 'ask.js' }];",
      'app/ask.js': `import { answer } from './answer.js';
import { tailrace } from './tracing.server.js';
export const loader = async () => new Response(tailrace && (await answer()));
`,
      'app/answer.js': ANSWER,
      'app/tracing.server.js': CLIENT,
    });
    await place.build(node, ['node_modules/@react-router/dev/bin.cjs', 'build'], {
      timeoutMs: 120_000,
      talks: true,
    });
    const serve = 'node_modules/@react-router/serve/bin.cjs';
    await place.serves(() => [node, [serve, 'build/server/index.js']], { path: '/ask' });
  },
};

const nuxt = {
  name: 'Nuxt, built by Nitro',
  tools: { nuxt: '4.5.2' },
  async run(place) {
    const node = await place.otherNode(NODE);
    place.bringTools();
    place.write({
      'package.json': { type: 'module' },
      'nuxt.config.js':
        "export default defineNuxtConfig({ compatibilityDate: '2026-01-01', telemetry: false });",
      'app/app.vue': '<template><p>hello</p></template>',
      'server/plugins/client.js': `import { tailrace } from '../../tracing.js';
export default defineNitroPlugin(({ hooks }) => hooks.hook('close', () => tailrace.shutdown()));
`,
      'server/routes/ask.js':
        "import { answer } from '../../answer.js';\nexport default defineEventHandler(() => answer());\n",
      'answer.js': ANSWER,
      'tracing.js': CLIENT,
    });
    await place.build(node, ['node_modules/nuxt/bin/nuxt.mjs', 'build'], {
      timeoutMs: 240_000,
      talks: true,
      env: { NUXT_TELEMETRY_DISABLED: '1' },
    });
    const cwd = place.moved('.output');
    await place.serves(() => [node, ['server/index.mjs']], { path: '/ask', cwd });
  },
};

export default [reactRouter, nuxt];
