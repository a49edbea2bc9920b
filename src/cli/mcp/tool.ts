/** What a tool of the MCP server is: its name and description for a model, its arguments, and what it answers. */
import type { z } from 'zod';
import type { StoreClient } from './store-client.js';

/** `head` and `notes` are tailrace's own words. `recorded` is what was traced, and may hold anything. */
export interface ToolAnswer {
  readonly head: string;
  readonly recorded?: string;
  /** What was left out, and how to get it. */
  readonly notes?: readonly string[];
}

export interface ToolContext {
  readonly store: StoreClient;
  /** Aborted if the client cancels the call, or goes. */
  readonly signal: AbortSignal;
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  /** False: it adds to the store. No tool changes or deletes anything. */
  readonly isReadOnly: boolean;
  run(args: unknown, context: ToolContext): Promise<ToolAnswer>;
}

/** `run` gets arguments that `input` has accepted. */
export function defineTool<T extends z.ZodObject>(
  tool: Omit<Tool, 'input' | 'run' | 'isReadOnly'> & {
    input: T;
    isReadOnly?: boolean;
    run(args: z.infer<T>, context: ToolContext): Promise<ToolAnswer>;
  },
): Tool {
  return { isReadOnly: true, ...tool, run: (args, context) => tool.run(args as z.infer<T>, context) };
}
