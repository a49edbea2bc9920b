/** `tailrace mcp`: an MCP server on standard input and output, until its client closes the input, or a signal. */
import type { McpOptions } from '../arguments.js';
import { type Io, interrupted, printLine } from '../io.js';
import { openServer, type ServerAccess } from '../server-access.js';
import { loadSdk } from './load-sdk.js';
import { createProtocolServer } from './protocol.js';
import { createStoreClient } from './store-client.js';

/** Resolves to the exit code; rejects if the SDK is missing. Standard output carries the protocol, and nothing else. */
export async function runMcp({ access }: McpOptions, io: Io): Promise<number> {
  const sdk = await loadSdk();
  const log = (line: string) => printLine(io.stderr, `tailrace: ${line}`);
  const end = new AbortController();
  const store = createStoreClient(async () => {
    const opened: ServerAccess = await openServer(access, io.env, { warn: log });
    log(`reads ${opened.place}`);
    return opened;
  });
  const server = createProtocolServer(sdk, store, end.signal);
  server.onerror = ({ message }) => log(message);
  const closed = inputClosed();
  await server.connect(new sdk.StdioServerTransport());
  await Promise.race([closed, interrupted(io)]);
  end.abort();
  await server.close();
  await store.close();
  // Otherwise a pipe that is still open keeps the process alive after a signal.
  process.stdin.destroy();
  return 0;
}

/** Not every version of the SDK ends with its input. */
function inputClosed(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve);
  });
}
