/** The MCP server itself: requests of the protocol → tools, resources and prompts. */
import { z } from 'zod';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { printable } from '../../shared/untrusted-text/printable.js';
import { VERSION } from '../../shared/version.js';
import { answerText, RECORDED_DATA_RULE } from './answer-text.js';
import type { Sdk } from './load-sdk.js';
import { promptText, WHY_FAILED } from './prompts.js';
import { listResources, readResource, TRACE_TEMPLATE } from './resources.js';
import type { StoreClient } from './store-client.js';
import type { Tool, ToolContext } from './tool.js';
import { TOOLS } from './tools/all.js';

const INSTRUCTIONS = `tailrace stores traces of LLM applications: runs with the calls of models and tools in them. To find out why a run failed: list_traces with level ["ERROR"], or find_worst_traces by a score; then get_trace; then get_observation for what failed. ${RECORDED_DATA_RULE}`;

/** `signal`: aborted when the server ends. */
export function createProtocolServer(sdk: Sdk, store: StoreClient, signal: AbortSignal) {
  const { Server, types } = sdk;
  const server = new Server(
    { name: 'tailrace', title: 'tailrace', version: VERSION },
    { capabilities: { tools: {}, resources: {}, prompts: {} }, instructions: INSTRUCTIONS },
  );
  const contextOf = (extra: { signal: AbortSignal }): ToolContext => ({
    store,
    signal: AbortSignal.any([signal, extra.signal]),
  });
  server.setRequestHandler(types.ListToolsRequestSchema, () => ({ tools: TOOLS.map(described) }));
  server.setRequestHandler(types.CallToolRequestSchema, ({ params }, extra) =>
    callTool(params.name, params.arguments ?? {}, contextOf(extra)),
  );
  server.setRequestHandler(types.ListResourcesRequestSchema, async (_request, extra) => ({
    resources: await listResources(contextOf(extra)),
  }));
  server.setRequestHandler(types.ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [TRACE_TEMPLATE],
  }));
  server.setRequestHandler(types.ReadResourceRequestSchema, async ({ params }, extra) => ({
    contents: await readResource(params.uri, contextOf(extra)),
  }));
  server.setRequestHandler(types.ListPromptsRequestSchema, () => ({ prompts: [WHY_FAILED] }));
  server.setRequestHandler(types.GetPromptRequestSchema, ({ params }) => ({
    description: WHY_FAILED.description,
    messages: [
      {
        role: 'user' as const,
        content: { type: 'text' as const, text: promptText(params.name, params.arguments) },
      },
    ],
  }));
  return server;
}

function described({ name, title, description, input, isReadOnly }: Tool) {
  const { $schema: _dialect, ...inputSchema } = z.toJSONSchema(input, { io: 'input' });
  return {
    name,
    title,
    description,
    inputSchema: inputSchema as { type: 'object' },
    annotations: {
      title,
      readOnlyHint: isReadOnly,
      destructiveHint: false,
      idempotentHint: isReadOnly,
      openWorldHint: false,
    },
  };
}

/** Errors are answers, so that the model can correct its call. */
async function callTool(name: string, args: unknown, context: ToolContext) {
  const tool = TOOLS.find((one) => one.name === name);
  if (tool === undefined) {
    return failed(`there is no such tool; there are ${TOOLS.map((one) => one.name).join(', ')}`);
  }
  const checked = tool.input.safeParse(args);
  if (!checked.success) return failed(`wrong arguments of ${name}:\n${z.prettifyError(checked.error)}`);
  try {
    const text = answerText(await tool.run(checked.data, context));
    return { content: [{ type: 'text' as const, text }] };
  } catch (error) {
    return failed(messageOf(error));
  }
}

function failed(message: string) {
  return { isError: true, content: [{ type: 'text' as const, text: printable(message).slice(0, 4_000) }] };
}
