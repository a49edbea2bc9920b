/** LangChain in an empty folder: the guide's recipe, and a graph with a tool from CommonJS, into `tailrace dev --strict`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const node = process.execPath;
const GUIDE = new URL('../../src/integrations/langchain/README.md', import.meta.url);
const KEYS = { LANGFUSE_PUBLIC_KEY: 'pk-lf-1', LANGFUSE_SECRET_KEY: 'sk-lf-1' };
/** For the local server, on Node.js 20. */
const SQLITE = { '@photostructure/sqlite': '1.2.1' };

const GRAPH = `
const { FakeListChatModel } = require('@langchain/core/utils/testing');
const { tool } = require('@langchain/core/tools');
const { END, MessagesAnnotation, START, StateGraph } = require('@langchain/langgraph');
const { startObservation } = require('tailrace');
const { CallbackHandler } = require('tailrace/langchain');
const { z } = require('zod');

const model = new FakeListChatModel({ responses: ['Yes.'] });
const look = tool(
  async () => {
    startObservation('query').end();
    return 'found';
  },
  { name: 'look', description: 'Looks', schema: z.object({}) },
);
const graph = new StateGraph(MessagesAnnotation)
  .addNode('answer', async ({ messages }) => {
    await look.invoke({});
    return { messages: [await model.invoke(messages)] };
  })
  .addEdge(START, 'answer')
  .addEdge('answer', END)
  .compile();
const handler = new CallbackHandler();
graph
  .invoke({ messages: [{ role: 'user', content: 'Is it?' }] }, { callbacks: [handler], runName: 'graph' })
  .then(() => handler.flushAsync());
`;

const EXPECTED = [
  'greeting',
  'greeting/ChatPromptTemplate',
  'greeting/FakeListChatModel',
  'graph',
  'graph/answer',
  'graph/answer/FakeListChatModel',
  'graph/answer/look',
  'graph/answer/look/query',
];

/** @returns the paths of all observations, without the hidden ones of LangGraph. */
async function traced(place, programs) {
  const cli = join(place.folder, 'node_modules/tailrace/dist/bin/cli.js');
  const server = spawn(node, [cli, 'dev', '--strict', '--quiet', '--memory', '--port', '0'], {
    cwd: place.folder,
  });
  try {
    let url;
    for await (const line of createInterface({ input: server.stdout })) {
      url = /LANGFUSE_BASE_URL=(\S+)/.exec(line)?.[1];
      if (url !== undefined) break;
    }
    if (url === undefined) throw new place.Failure('tailrace dev does not start');
    server.stdout.resume();
    for (const program of programs) {
      const { stderr } = await place.run(node, [program], { env: { ...KEYS, LANGFUSE_BASE_URL: url } });
      if (stderr !== '') throw new place.Failure(`${program}, on stderr: ${stderr.slice(0, 300)}`);
    }
    const ask = async (path) =>
      (await (await fetch(`${url}/api/public/${path}`, { headers: AUTH })).json()).data;
    const complaints = await ask('tailrace/complaints?limit=100');
    if (complaints.length > 0) throw new place.Failure(`the server complains: ${complaints[0].code}`);
    return pathsOf(await ask('observations?limit=100'));
  } finally {
    const closed = once(server, 'close');
    server.kill('SIGTERM');
    await closed;
  }
}

const AUTH = { authorization: `Basic ${btoa(Object.values(KEYS).join(':'))}` };

function pathsOf(observations) {
  const byId = new Map(observations.map((one) => [one.id, one]));
  const pathOf = ({ name, parentObservationId }) => {
    const parent = byId.get(parentObservationId);
    return parent === undefined ? name : `${pathOf(parent)}/${name}`;
  };
  return observations.filter(({ level }) => level !== 'DEBUG').map(pathOf);
}

const langchain = (name, tools) => ({
  name: `LangChain, ${name}`,
  tools: { ...tools, ...SQLITE },
  async run(place) {
    place.bringTools();
    const recipe = /```js\n([\s\S]*?)```/.exec(readFileSync(GUIDE, 'utf8'))[1];
    place.write({ 'package.json': { private: true }, 'recipe.mjs': recipe, 'graph.cjs': GRAPH });
    const found = await traced(place, ['recipe.mjs', 'graph.cjs']);
    const missing = EXPECTED.filter((path) => !found.includes(path));
    const more = found.filter((path) => !EXPECTED.includes(path));
    if (missing.length + more.length > 0) {
      throw new place.Failure(
        `not traced: ${missing.join(', ')}; beside what is expected: ${more.join(', ')}`,
      );
    }
  },
});

export default [
  langchain('core 1.x and LangGraph 1.x', {
    '@langchain/core': '1.4.0',
    langchain: '1.5.14',
    '@langchain/langgraph': '1.7.3',
    zod: '4.6.7',
  }),
  langchain('core 0.3 and LangGraph 0.4', {
    '@langchain/core': '0.3.80',
    langchain: '0.3.37',
    '@langchain/langgraph': '0.4.9',
    zod: '3.25.76',
  }),
];
