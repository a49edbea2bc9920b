/** The texts of `tailrace help`, `tailrace help COMMAND` and `tailrace COMMAND --help`. */
import { DEFAULT_PORT } from '../receiver/receiver.js';
import { type CommandName, DEFAULT_DATA_DIR, DEFAULT_MAX_MIB } from './arguments.js';
import {
  CLICKHOUSE_IN_FLIGHT,
  DEFAULT_CLAIM_AFTER_S,
  DEFAULT_GROUP,
  DEFAULT_IN_FLIGHT,
  DEFAULT_MAX_ATTEMPTS,
  DEFAULT_MAX_DEAD,
  DEFAULT_METRICS_HOST,
} from './forward/arguments.js';

export const HELP = `tailrace: tracing for LLM applications, delivered from a worker thread

Usage
  tailrace dev [options]                 run the local receiver and its page
  tailrace demo [FILE.jsonl] [options]   trace a sample agent, or replay recorded conversations
  tailrace mcp [options]                 serve the traces to an assistant in an editor (MCP)
  tailrace import FILE…                  put recorded traces into a local server
  tailrace export [options]              write traces of a local server to a file
  tailrace tail [options]                print traces and observations as they arrive
  tailrace show TRACE [options]          print a trace as a tree
  tailrace forward [options]             bring batches from Redis or NATS to a server, a collector or ClickHouse
  tailrace clickhouse-schema [options]   print the statements that create the tables for ClickHouse
  tailrace help [COMMAND]                explain a command and its options
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
  --store URL    tables of ClickHouse: clickhouse://user:password@host:8123/database
  --public-key KEY
  --secret-key KEY
                 keys, if the server demands some; without these, those of
                 LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY
`;

const ACCESS_HELP = `${ACCESS_OPTIONS_HELP}\
  --help, -h     print this
`;

const FILTER_HELP = `\
  --filter F     as in the address of the page: "level=ERROR&minCost=0.01"; can be repeated. Names: q,
                 from, to, name, level, type, model, tag, user, session, environment, release,
                 version, score, scored, metadata, status, minDuration, maxDuration, minTokens, …
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
  --store URL    store traces in tables of ClickHouse, which others may write and read as well:
                 clickhouse://user:password@host:8123/database, or clickhouses:// for HTTPS
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
  --through URL  the traces go through a Redis server, redis://HOST:PORT, into its stream tailrace-demo,
                 and a forwarder brings them to the receiver; needs the package @redis/client
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
  import: `tailrace import FILE… [options]

Puts recorded traces into a local server. FILE may be gzipped; - is standard input. Each file is read by
its content: exports of tailrace and batches of Langfuse's ingestion, answers and exports of Langfuse
(traces, observations and scores as JSON, JSON lines or CSV), OTLP JSON lines of the collector's file
exporter, or conversations: {"messages": […], "metadata"?, "scores"?}.

Lines that cannot be stored are named, and the others are stored: the exit code is 1 then.

${ACCESS_HELP}`,
  export: `tailrace export [options]

Writes traces to standard output, one JSON object per line. Names on standard error what it leaves out.

  --format F     replay: batches of Langfuse's ingestion, which "tailrace import" makes the same traces
                 of; otlp: requests of OTLP, without scores; conversations: the messages of each trace's
                 last generation                                            (default: replay)
${FILTER_HELP}\
  --trace ID     this trace; can be repeated
  --out, -o FILE write to this file
${ACCESS_HELP}`,
  tail: `tailrace tail [options]

Prints each new trace, and each observation when it has ended, until Ctrl-C. It waits for a server to
come. Piped, it prints JSON lines.

${FILTER_HELP}\
  --errors       failed ones only
  --json         JSON lines also on a terminal
${ACCESS_HELP}`,
  show: `tailrace show TRACE [options]

Prints a trace as a tree. TRACE is an id, the beginning of one, last or last-error. Piped, it prints the
answer of Langfuse's API.

  --observation ID
                 this observation in full
  --json         JSON also on a terminal
${ACCESS_HELP}`,
  'clickhouse-schema': `tailrace clickhouse-schema [options]

Prints the statements that create the tables for exporter: 'clickhouse', to be run by a user who may:
  tailrace clickhouse-schema --database traces | clickhouse-client --multiquery

  --database NAME  as the exporter's option                      (default: CLICKHOUSE_DB, then default)
  --prefix TEXT    begin of the tables' names                                    (default: tailrace_)
  --ttl-days N     days after which the server deletes rows                          (default: never)
  --help, -h       print this
`,
  forward: `tailrace forward --from URL --to langfuse | otlp | clickhouse://HOST:PORT/DB [options]

Brings batches that clients with exporter: 'redis' or 'nats' have added to streams to a Langfuse
server, a collector or ClickHouse, until Ctrl-C. Any number of forwarders share the work. An entry stays in
its stream until it is delivered, or put among the dead letters with the reason.

  --from URL     redis://USER:PASSWORD@HOST:PORT/0, or rediss://… for TLS; several times for a
                 cluster or sentinels                                       (default: REDIS_URL)
                 nats://USER:PASSWORD@HOST:PORT, nats://TOKEN@HOST:PORT, or tls://… for TLS;
                 several times for the servers of a cluster                 (default: NATS_URL)
  --stream NAME  begin of the streams' keys, or the stream of NATS          (default: tailrace)
  --group NAME   consumer group or durable consumer, whose forwarders share the work
                                                                            (default: ${DEFAULT_GROUP})

 With redis://
  --shards N     number of streams                                          (default: 1)
  --cluster      the one address is that of a cluster
  --sentinel NAME
                 the addresses are sentinels, which watch this master
  --redis-ca FILE
                 PEM: authorities to trust in place of the usual ones
  --redis-cert FILE
  --redis-key FILE
                 PEM: the certificate of this client, and its key

 With nats://
  --credentials FILE
                 credentials (JWT and seed)
  --nkey FILE    the seed of an nkey
  --nats-ca FILE
  --nats-cert FILE
  --nats-key FILE
                 PEM, as with Redis

  --to langfuse | otlp | clickhouse://USER:PASSWORD@HOST:8123/DATABASE
                 a Langfuse server, a collector of OpenTelemetry, or tables of ClickHouse by its
                 HTTP interface; clickhouses://… for TLS; clickhouse alone: address, user and
                 password are those of the variables CLICKHOUSE_…
  --base-url URL
  --public-key KEY
  --secret-key KEY
                 of the Langfuse server                   (default: the variables LANGFUSE_…)
  --endpoint URL
                 of the collector              (default: the variables OTEL_EXPORTER_OTLP_…)
  --scores langfuse | dead | drop
                 with --to otlp: where scores go, as a collector has no place for them: to the
                 Langfuse server, among the dead letters, or nowhere         (default: dead)

  --database NAME
                 of ClickHouse      (default: that of the address, CLICKHOUSE_DB, then default)
  --prefix TEXT  begin of the tables' names                                 (default: tailrace_)
  --ttl-days N   days after which the server deletes rows                   (default: never)
  --async-insert
                 the server collects inserts of many forwarders
  --no-migrate   the tables are there, and this user may not create them
  --clickhouse-ca FILE
  --clickhouse-cert FILE
  --clickhouse-key FILE
                 as those of Redis

  --in-flight N  batches at a time                                          (default: ${DEFAULT_IN_FLIGHT};
                 of ClickHouse ${CLICKHOUSE_IN_FLIGHT}, half of which make one insert)
  --claim-after S
                 take over entries of a forwarder that is silent for S seconds
                                                                            (default: ${DEFAULT_CLAIM_AFTER_S})
  --max-attempts N
                 an entry that N forwarders have taken and left without a result becomes a dead
                 letter                                                     (default: ${DEFAULT_MAX_ATTEMPTS})
  --max-dead N   keep so many dead letters; beyond it the oldest go         (default: ${DEFAULT_MAX_DEAD})
  --replay-dead  first put the dead letters back into the streams
  --metrics-port N
                 serve metrics for Prometheus at /metrics, 0 for any free port
                                                                            (default: none)
  --metrics-host NAME
                 address of the metrics                                     (default: ${DEFAULT_METRICS_HOST})
  --help, -h     print this
`,
};
