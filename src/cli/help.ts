/** The texts of `tailrace help`, `tailrace help COMMAND` and `tailrace COMMAND --help`. */
import { DEFAULT_PORT } from '../receiver/receiver.js';
import type { CommandName } from './arguments.js';

export const HELP = `tailrace: tracing for LLM applications, delivered from a worker thread

Usage
  tailrace dev [options]                 run the local receiver and its page
  tailrace demo [FILE.jsonl] [options]   trace a sample agent, or replay recorded conversations
  tailrace help [dev | demo]             explain a command and its options
  tailrace --version

Exit codes: 0 done, 1 something went wrong, 2 the command line or FILE cannot be used.
`;

const SHARED_OPTIONS = `\
  --data DIR     keep what is received in DIR                               (default: in memory)
  --prices FILE  prices in US dollars for a million tokens, before those of the price list:
                 JSON, [{"model", "input", "output"?, "cacheRead"?, "cacheWrite"?}]
`;

export const COMMAND_HELP: Readonly<Record<CommandName, string>> = {
  dev: `tailrace dev [options]

Serves the local receiver and its page until Ctrl-C, prints the variables that point an application
at it, and says when traces arrive.

  --port N       port of the receiver, 0 for any free one                   (default: ${DEFAULT_PORT})
${SHARED_OPTIONS}\
  --strict       answer ingest with what a Langfuse server would not store, or change
  --quiet, -q    do not say when traces arrive
  --help, -h     print this
`,
  demo: `tailrace demo [FILE.jsonl] [options]

Starts the local receiver, traces a support agent that ships with tailrace, compares what the
receiver stored with what was traced, and serves the page until Ctrl-C.

FILE.jsonl is replayed instead of the agent. It holds one conversation a line:
  {"id"?, "model"?, "messages": [OpenAI chat messages], "metadata"?, "scores"?: [{"name", "value"}]}

  --once         exit when done: 0 only if the receiver stored all that was traced and has no
                 complaint about it, else 1
  --json         print the summary as one JSON object, the last line of standard output
  --repeat N     run it N times over                                        (default: 1)
  --port N       port of the page, 0 for any free one         (default: ${DEFAULT_PORT}; with --once: 0)
${SHARED_OPTIONS}\
  --help, -h     print this
`,
};
