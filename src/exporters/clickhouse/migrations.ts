/** Brings the tables to this version. Any number of processes may do that at once: each statement can run again. */
import type { ClickhouseTarget } from '../../shared/contract/clickhouse-options.js';
import type { ExporterContext, ExportOutcome, ExportRequest } from '../../shared/contract/exporter.js';
import { outcomeOfStatement, reasonOf } from './answers.js';
import { changeTtl, createDatabase, createStatements, SCHEMA_VERSION, selectVersion } from './schema.js';

const HOW_TO_CREATE = '`npx tailrace clickhouse-schema` prints the statements';

export interface Migrations {
  /** Starts, unless it is under way. Resolves when it has ended, in whichever way. */
  run(): Promise<void>;
  /** A server has answered something. */
  readonly isAnswered: boolean;
  /** Why the last one has failed. Undefined: it has not. */
  readonly fault: string | undefined;
}

type Send = (statement: string) => Promise<{ outcome: ExportOutcome; code?: number; text: string }>;

const UNKNOWN_TABLE = 60;
const UNKNOWN_DATABASE = 81;

/** `request`: a request of the exporter, without the statement in its body. */
export function createMigrations(
  target: ClickhouseTarget,
  request: Omit<ExportRequest, 'body'>,
  context: Pick<ExporterContext, 'send'>,
): Migrations {
  let isAnswered = false;
  const send: Send = async (statement) => {
    let answer: { code?: number; text: string } = { text: '' };
    const body = Buffer.from(statement);
    const outcome = await context.send({ ...request, body, compressible: false }, (response) => {
      isAnswered = true;
      const { code, ...read } = outcomeOfStatement(response, request.url);
      answer = { text: Buffer.from(response.body).toString(), ...(code !== undefined && { code }) };
      return read as ExportOutcome;
    });
    return { outcome, ...answer };
  };
  let running: Promise<void> | undefined;
  let fault: string | undefined;
  return {
    get isAnswered() {
      return isAnswered;
    },
    get fault() {
      return fault;
    },
    run() {
      running ??= migrate(target, send).then((found) => {
        fault = found;
        running = undefined;
      });
      return running;
    },
  };
}

/** What a missing table or column means for a batch. Undefined: the tables are made by somebody else. */
export function outcomeOfMissing(migrations: Migrations | undefined, reason: string): ExportOutcome {
  if (migrations === undefined) {
    return { kind: 'retryable', reason: `${reason}: ${HOW_TO_CREATE}`, misconfigured: true };
  }
  const { fault } = migrations;
  void migrations.run();
  if (fault === undefined) return { kind: 'retryable', reason: `${reason}: creating it` };
  return {
    kind: 'retryable',
    reason: `${reason}, and it cannot be created: ${fault}; ${HOW_TO_CREATE}`,
    misconfigured: true,
  };
}

/** Resolves with the reason of a failure. */
async function migrate(target: ClickhouseTarget, send: Send): Promise<string | undefined> {
  const asked = await send(selectVersion(target));
  const isMissing = asked.code === UNKNOWN_TABLE || asked.code === UNKNOWN_DATABASE;
  if (asked.outcome.kind !== 'success' && !isMissing) return reasonOf(asked.outcome);
  const [version = 0, ttlDays = 0] = isMissing ? [] : asked.text.trim().split('\t').map(Number);
  // Statements of the same version as well: a table may have been dropped.
  const isUpdate = version > 0 && version < SCHEMA_VERSION;
  const statements = version > SCHEMA_VERSION ? [] : createStatements(target, isUpdate);
  if (asked.code === UNKNOWN_DATABASE) statements.unshift(createDatabase(target));
  if (version > 0 && ttlDays !== (target.ttlDays ?? 0)) statements.push(...changeTtl(target));
  for (const statement of statements) {
    const { outcome } = await send(statement);
    if (outcome.kind !== 'success') return reasonOf(outcome);
  }
  return undefined;
}
