/** The texts of `tailrace help`, `tailrace help COMMAND` and `tailrace COMMAND --help`. */
import { DEFAULT_PORT } from '../receiver/receiver.js';
import type { CommandName } from './arguments.js';

export const HELP = `tailrace: tracing for LLM applications, delivered from a worker thread

Usage
  tailrace dev [options]                 run the local receiver and its page
  tailrace demo [FILE.jsonl] [options]   trace a sample agent, or replay recorded conversations
  tailrace help [dev | demo]             explain a command and its options
  tailrace --version

Exit codes: 0 success, 1 failure, 2 invalid command line or FILE.
`;

const SHARED_OPTIONS = `\
  --data DIR     store traces in this folder                                (default: in memory)
  --prices FILE  model prices that take precedence over the price list, in US dollars per million
                 tokens: JSON, [{"model", "input", "output"?, "cacheRead"?, "cacheWrite"?}]
`;

export const COMMAND_HELP: Readonly<Record<CommandName, string>> = {
  dev: `tailrace dev [options]

Runs the local receiver and its page until Ctrl-C. Prints the environment variables that point an
application at it, and a line when traces arrive.

  --port N       port of the receiver, 0 for any free one                   (default: ${DEFAULT_PORT})
${SHARED_OPTIONS}\
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
${SHARED_OPTIONS}\
  --help, -h     print this
`,
};
