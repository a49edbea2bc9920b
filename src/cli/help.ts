/** The texts of `tailrace help`, `tailrace help COMMAND` and `tailrace COMMAND --help`. */
import { DEFAULT_PORT } from '../receiver/receiver.js';
import { type CommandName, DEFAULT_DATA_DIR, DEFAULT_MAX_MIB } from './arguments.js';

export const HELP = `tailrace: tracing for LLM applications, delivered from a worker thread

Usage
  tailrace dev [options]                 run the local receiver and its page
  tailrace demo [FILE.jsonl] [options]   trace a sample agent, or replay recorded conversations
  tailrace mcp [options]                 serve the traces to an assistant in an editor (MCP)
  tailrace help [dev | demo | mcp]       explain a command and its options
  tailrace --version

Exit codes: 0 success, 1 failure, 2 invalid command line or FILE.
`;

const PRICES_OPTION = `\
  --prices FILE  model prices that take precedence over the price list, in US dollars per million
                 tokens: JSON, [{"model", "input", "output"?, "cacheRead"?, "cacheWrite"?}]
`;

/** Where a command finds its traces: see server-access.ts. */
const ACCESS_OPTIONS_HELP = `\
  --data DIR     the folder with the traces: of the "tailrace dev" that runs on it, else the
                 command reads it by itself                                 (default: ${DEFAULT_DATA_DIR})
  --url URL      a tailrace server instead of a folder
  --public-key KEY
  --secret-key KEY
                 keys, if the server demands some; without these, those of
                 LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY
`;

export const COMMAND_HELP: Readonly<Record<CommandName, string>> = {
  dev: `tailrace dev [options]

Runs the local receiver and its page until Ctrl-C. Prints the environment variables that point an
application at it, and a line when traces arrive.

  --port N       port of the receiver, 0 for any free one; with 4318, the collectors' port,
                 OpenTelemetry SDKs need no variable                        (default: ${DEFAULT_PORT})
  --host NAME    address to listen on; another one than loopback demands keys
                                                                            (default: 127.0.0.1)
  --public-key KEY
  --secret-key KEY
                 the only keys that requests may have; with --host and without these, those of
                 LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY
  --data DIR     store traces in this folder                                (default: ${DEFAULT_DATA_DIR})
  --memory       store nothing on disk
  --max-mb N     size of the database in MiB: beyond it the oldest traces are evicted
                                                                            (default: ${DEFAULT_MAX_MIB})
  --retention T  evict traces that arrived longer ago: 30m, 12h, 7d, 2w     (default: for ever)
  --open         show the page in the browser
${PRICES_OPTION}\
  --strict       report in ingest responses what a Langfuse server would drop or change
  --quiet, -q    do not print arriving traces
  --help, -h     print this
`,
  demo: `tailrace demo [FILE.jsonl] [options]

Starts the local receiver, traces a support agent that ships with tailrace, compares what the
receiver stored with what was traced, and serves the page until Ctrl-C.

FILE.jsonl is replayed instead of the agent. It has one conversation per line:
  {"id"?, "model"?, "messages": [OpenAI chat messages], "metadata"?, "scores"?: [{"name", "value"}]}

  --once         exit when done: with 0 only if the receiver stored all that was traced and has no
                 complaint about it, else with 1
  --json         print the summary as one JSON object in the last line of standard output
  --repeat N     repeat the run N times                                     (default: 1)
  --port N       port of the page, 0 for any free one         (default: ${DEFAULT_PORT}; with --once: 0)
  --data DIR     store traces in this folder                                (default: in memory)
${PRICES_OPTION}\
  --help, -h     print this
`,
  mcp: `tailrace mcp [options]

Serves the traces to an assistant by the Model Context Protocol, on standard input and output: an
editor starts it. The assistant lists, searches, reads and compares traces, groups errors, and adds
scores. It needs the package @modelcontextprotocol/sdk.

  {"mcpServers": {"tailrace": {"command": "npx", "args": ["tailrace", "mcp", "--data", "DIR"]}}}

${ACCESS_OPTIONS_HELP}\
  --help, -h     print this
`,
};
