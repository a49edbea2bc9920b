/** The tables, and the check of an existing file: its application id and the version of its schema. */

import { REMEDY } from './folder.js';
import { COMMENTS_SQL } from './read/comment-reader.js';
import { SEARCH_TABLES_SQL } from './search/search-index.js';
import type { Database } from './sqlite.js';

const SCHEMA_VERSION = 5;
/** Can be brought to this version (`updateSchema`). */
const UPDATED_VERSION = 4;
/** "tail" in ASCII. It tells our files from those of other programs (sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x7461696c;

/*
 * `traces_for_list` is a narrow copy of the traces: filters, sorts, counts and facets of the page read it and not the rows, which
 * are ten times as wide. The others find the traces of a value, and count by it.
 */
const TRACE_INDEXES_SQL = `
CREATE INDEX traces_for_list ON traces (timestamp_us, latency_us, total_tokens, total_cost, observation_count, error_count,
  shown_name, user_id, session_id, environment, release, version, traits, tags);
CREATE INDEX traces_by_name ON traces (shown_name);
CREATE INDEX traces_by_traits ON traces (traits);
CREATE INDEX traces_by_user ON traces (user_id, timestamp_us) WHERE user_id IS NOT NULL;
CREATE INDEX traces_by_session ON traces (session_id, timestamp_us) WHERE session_id IS NOT NULL;
CREATE INDEX traces_to_search ON traces (search_due) WHERE search_due IS NOT NULL;
`;
const OBSERVATION_INDEXES_SQL = `
CREATE INDEX observations_with_status ON observations (trace_id, status_message) WHERE status_message IS NOT NULL;
`;
const SCORE_INDEXES_SQL = `
CREATE INDEX scores_by_name ON scores (name, trace_id, value, string_value);
`;

/*
 * Small columns come first, payloads last: SQLite reads a row from its front, so roll-ups and lists never touch the
 * overflow pages of a large input or output.
 */
const TABLES_SQL = `
CREATE TABLE traces (
  id TEXT PRIMARY KEY,
  timestamp_us INTEGER,
  latency_us INTEGER,
  observation_count INTEGER NOT NULL DEFAULT 0,
  error_count INTEGER NOT NULL DEFAULT 0,
  total_tokens REAL,
  total_cost REAL,
  has_estimated_tokens INTEGER,
  has_estimated_cost INTEGER,
  score_summary TEXT,
  -- The name, or that of the root.
  shown_name TEXT,
  -- Levels, types, models and tools of the observations (traits.ts); null: too many to list.
  traits TEXT,
  -- When the texts were last written that the search index does not have yet; null: it has all. 0 in rows of schema 4.
  search_due INTEGER DEFAULT 0,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  root_id TEXT,
  own_start_us INTEGER,
  own_end_us INTEGER,
  name TEXT,
  user_id TEXT,
  session_id TEXT,
  release TEXT,
  version TEXT,
  environment TEXT,
  public INTEGER,
  tags TEXT,
  -- The rest of a TraceState as JSON: times of the fields, and what Langfuse 4 would show.
  state TEXT NOT NULL,
  -- A JSON list of the fields that Langfuse 4 would show otherwise; null: none.
  differs TEXT,
  metadata TEXT,
  -- Null where they are those of the root. Text, or ranges of bodies: read them by payload-sql.ts.
  input_payload ANY,
  output_payload ANY
) STRICT;
CREATE INDEX traces_by_time ON traces (timestamp_us);
${TRACE_INDEXES_SQL}
CREATE INDEX traces_that_differ ON traces (id) WHERE differs IS NOT NULL;

CREATE TABLE observations (
  id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  parent_id TEXT,
  type TEXT NOT NULL,
  level TEXT,
  start_us INTEGER,
  end_us INTEGER,
  total_tokens REAL,
  total_cost REAL,
  estimated_tokens REAL,
  estimated_cost REAL,
  has_estimated_tokens INTEGER,
  has_estimated_cost INTEGER,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  -- Of classic events: by column the order of the event that its value is of, as JSON.
  orders TEXT,
  -- A JSON list of the fields that a span sent again has lost, which Langfuse 3 keeps; null: none.
  lost TEXT,
  name TEXT,
  completion_start_us INTEGER,
  status_message TEXT,
  version TEXT,
  environment TEXT,
  model TEXT,
  model_parameters TEXT,
  usage_details TEXT,
  cost_details TEXT,
  -- What estimates.ts adds to the two above; null: not looked at since the last write.
  estimate TEXT,
  prompt_name TEXT,
  prompt_version INTEGER,
  metadata TEXT,
  input_payload ANY,
  output_payload ANY,
  -- OpenTelemetry promises unique span ids only within a trace.
  UNIQUE (trace_id, id)
) STRICT;
CREATE INDEX observations_by_id ON observations (id);
CREATE INDEX observations_that_lost ON observations (trace_id) WHERE lost IS NOT NULL;
CREATE INDEX observations_by_time ON observations (start_us);
${OBSERVATION_INDEXES_SQL}
CREATE INDEX observations_to_estimate ON observations (trace_id) WHERE estimate IS NULL AND model IS NOT NULL;

-- What the payloads of a trace are made of (payload-store.ts). An id is never used twice: readers cache bodies by id.
CREATE TABLE bodies (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  trace_id TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX bodies_by_trace ON bodies (trace_id);

CREATE TABLE scores (
  id TEXT PRIMARY KEY,
  trace_id TEXT,
  observation_id TEXT,
  session_id TEXT,
  dataset_run_id TEXT,
  name TEXT NOT NULL,
  data_type TEXT NOT NULL,
  value REAL,
  string_value TEXT,
  timestamp_us INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  config_id TEXT,
  environment TEXT,
  source TEXT NOT NULL,
  comment TEXT,
  metadata TEXT
) STRICT;
CREATE INDEX scores_by_trace ON scores (trace_id);
CREATE INDEX scores_by_time ON scores (timestamp_us);
${COMMENTS_SQL}
${SCORE_INDEXES_SQL}

-- Those that are found when a request comes; what two servers disagree about is read from the rows.
CREATE TABLE complaints (
  id TEXT PRIMARY KEY,
  at_us INTEGER NOT NULL,
  code TEXT NOT NULL,
  severity TEXT NOT NULL,
  trace_id TEXT,
  observation_id TEXT,
  field TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX complaints_by_trace ON complaints (trace_id);
CREATE TABLE complaints_beyond (count INTEGER NOT NULL) STRICT;
INSERT INTO complaints_beyond VALUES (0);
CREATE VIEW all_complaints AS
SELECT id, at_us, code, severity, trace_id, observation_id, field, message FROM complaints
UNION ALL
SELECT 'trace-views-differ/' || t.id || '//' || f.value, t.updated_us, 'trace-views-differ', 'disagreement', t.id, NULL,
  f.value, f.value || ' is another one on Langfuse 4, which merges by arrival, than on Langfuse 3, which merges by time'
FROM traces AS t, json_each(t.differs) AS f WHERE t.differs IS NOT NULL
UNION ALL
SELECT 'observation-rewritten/' || o.trace_id || '/' || o.id || '/' || f.value, o.updated_us, 'observation-rewritten',
  'disagreement', o.trace_id, o.id, f.value,
  f.value || ' of an earlier version of the span stays on Langfuse 3, and is replaced on Langfuse 4'
FROM observations AS o, json_each(o.lost) AS f WHERE o.lost IS NOT NULL;

CREATE TABLE media (
  id TEXT PRIMARY KEY,
  content_type TEXT NOT NULL,
  content_length INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  announced_us INTEGER NOT NULL,
  uploaded_us INTEGER,
  content BLOB
) STRICT;
-- The traces that media were announced for: media go with the last of them.
CREATE TABLE media_traces (
  trace_id TEXT NOT NULL,
  media_id TEXT NOT NULL,
  PRIMARY KEY (trace_id, media_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX media_traces_by_media ON media_traces (media_id);

CREATE TABLE evicted (traces INTEGER NOT NULL) STRICT;
INSERT INTO evicted VALUES (0);
${SEARCH_TABLES_SQL}
`;

/** How a database is: without tables, made by this version, or by one that can be brought to it. */
export type Found = 'new' | 'ours' | 'earlier';

/** Reads only. @throws Error for a file of another version or another program. */
export function checkSchema(database: Database, path: string): Found {
  const [application, version] = [pragma(database, 'application_id'), pragma(database, 'user_version')];
  if (application === APPLICATION_ID && version === SCHEMA_VERSION) return 'ours';
  if (application === APPLICATION_ID && version === UPDATED_VERSION) return 'earlier';
  if (application === APPLICATION_ID && version > SCHEMA_VERSION) {
    throw new Error(
      `${path} was written by a newer tailrace (schema version ${version}, this one reads ${SCHEMA_VERSION}): update tailrace, or ${REMEDY}`,
    );
  }
  if (application === APPLICATION_ID || isWithoutApplicationId(database, version)) {
    throw new Error(
      `${path} was written by an earlier tailrace (schema version ${version}, this one reads ${SCHEMA_VERSION}): move it away, or ${REMEDY}`,
    );
  }
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  if (isEmpty && application === 0 && version === 0) return 'new';
  throw new Error(`${path} is a database of another program: ${REMEDY}`);
}

/** Creates the tables in a new database. */
export function createSchema(database: Database): void {
  database.exec(
    `BEGIN; ${TABLES_SQL} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`,
  );
}

/** Brings a database of schema 4 to this version, in one transaction. Traits and the search index follow in idle time (search-indexer.ts). */
export function updateSchema(database: Database): void {
  database.exec(`BEGIN IMMEDIATE;
    ALTER TABLE traces ADD COLUMN shown_name TEXT;
    ALTER TABLE traces ADD COLUMN traits TEXT;
    ALTER TABLE traces ADD COLUMN search_due INTEGER DEFAULT 0;
    ALTER TABLE scores ADD COLUMN source TEXT NOT NULL DEFAULT 'API';
    UPDATE traces SET shown_name = ${SHOWN_NAME};
    ${TRACE_INDEXES_SQL} ${OBSERVATION_INDEXES_SQL} ${SCORE_INDEXES_SQL} ${COMMENTS_SQL} ${SEARCH_TABLES_SQL}
    PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

/** In an UPDATE of `traces`. */
export const SHOWN_NAME = `coalesce(name, (
  SELECT root.name FROM observations AS root WHERE root.trace_id = traces.id AND root.id = traces.root_id
))`;

/** Schema versions 1 to 3 had no application id, but these tables. */
function isWithoutApplicationId(database: Database, version: number): boolean {
  const tables = database.prepare(
    "SELECT count(*) AS count FROM sqlite_schema WHERE name IN ('traces', 'observations', 'complaints_beyond')",
  );
  return version >= 1 && version <= 3 && Number(tables.get()?.count) === 3;
}

function pragma(database: Database, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
