/** Loads the SDK of the Model Context Protocol, an optional peer dependency. */
import { messageOf } from '../../shared/untrusted-text/errors.js';

export const SDK_PACKAGE = '@modelcontextprotocol/sdk';
/** The start of the message if it is missing. The command adds how to get it. */
export const NO_SDK = 'tailrace mcp needs the SDK of the Model Context Protocol';

export interface Sdk {
  Server: typeof import('@modelcontextprotocol/sdk/server/index.js').Server;
  StdioServerTransport: typeof import('@modelcontextprotocol/sdk/server/stdio.js').StdioServerTransport;
  types: typeof import('@modelcontextprotocol/sdk/types.js');
}

/** Rejects if it is missing. */
export async function loadSdk(): Promise<Sdk> {
  const [server, stdio, types] = await Promise.all([
    load<Pick<Sdk, 'Server'>>('server/index.js'),
    load<Pick<Sdk, 'StdioServerTransport'>>('server/stdio.js'),
    load<Sdk['types']>('types.js'),
  ]);
  return { Server: server.Server, StdioServerTransport: stdio.StdioServerTransport, types };
}

async function load<T>(path: string): Promise<T> {
  try {
    // Not a literal: the package is optional, so bundlers must not resolve it.
    return (await import(/* @vite-ignore */ `${SDK_PACKAGE}/${path}`)) as T;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new Error(isMissing ? NO_SDK : `${SDK_PACKAGE} cannot be loaded: ${messageOf(error)}`);
  }
}
