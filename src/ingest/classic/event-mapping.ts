/** Classic trace and observation events → what they change, by the schema of the server (Langfuse's ingestion/types.ts). */

import { type Details, totalOf } from '../../usage/details.js';
import { eventOrder, type ObservationChange } from '../changes.js';
import { complain } from '../findings.js';
import { payloadText, toJsonText } from '../json-text.js';
import { LEVELS, type ObservationRow, type ObservationType } from '../rows.js';
import { classicDetails, judgedCost, judgedUsage, problemOfClassicUsage } from '../server-usage.js';
import { areModelParameters } from '../server-values.js';
import { emptyState, setField, setMetadata, type TraceState } from '../trace-state.js';
import {
  type Body,
  environmentOfBody,
  type IngestionEvent,
  InvalidEvent,
  optionalBoolean,
  optionalId,
  optionalInteger,
  optionalMetadata,
  optionalObject,
  optionalOneOf,
  optionalTags,
  optionalText,
  optionalTime,
  payloadOfBody,
  wrong,
} from './fields.js';

const MAX_TRACE_NAME_CHARS = 1000;

export function mapTraceEvent(event: IngestionEvent): TraceState {
  const { body, timestampUs } = event;
  const timeMs = Math.floor(timestampUs / 1000);
  const name = optionalText(body, 'name');
  if (name !== null && name.length > MAX_TRACE_NAME_CHARS) {
    const message = `name must have at most ${MAX_TRACE_NAME_CHARS} characters, but got ${name.length}`;
    throw new InvalidEvent('trace-name-too-long', 'name', message);
  }
  optionalText(body, 'externalId');
  const state = emptyState(optionalId(body, 'id') ?? '');
  state.ownStartUs = optionalTime(body, 'timestamp') ?? timestampUs;
  if (body.name !== undefined) setField(state, 'name', name, timeMs);
  for (const field of ['userId', 'sessionId', 'release', 'version'] as const) {
    if (body[field] !== undefined) setField(state, field, optionalText(body, field), timeMs);
  }
  setField(state, 'public', optionalBoolean(body, 'public') ?? 0, timeMs);
  state.environment = environmentOfBody(event);
  state.eventMs = timeMs;
  state.tags = [...new Set(optionalTags(body, 'tags') ?? [])].sort();
  setMetadata(state, optionalMetadata(event), timeMs);
  for (const side of ['input', 'output'] as const) {
    const text = payloadText(payloadOfBody(event, side));
    if (text) setField(state, side, { text }, timeMs);
  }
  // Checked last, so that other invalid fields are reported first.
  if (state.id === '') {
    throw new InvalidEvent(
      'id-missing',
      'body.id',
      'body.id must be the id of the trace: without it the event is left out',
    );
  }
  return state;
}

/** Fields of generations and similar types; spans and events do not have them. */
const GENERATION_FIELDS = [
  'completionStartTime',
  'model',
  'modelParameters',
  'usage',
  'usageDetails',
  'costDetails',
  'promptName',
  'promptVersion',
];

export function mapObservationEvent(
  event: IngestionEvent,
  type: ObservationType,
  isCreate: boolean,
): ObservationChange {
  const { body, timestampUs, subject } = event;
  const id = optionalId(body, 'id');
  if (id === null) throw wrong('body.id', 'the id of the observation', body.id, 'id-refused');
  const traceId = optionalId(body, 'traceId');
  if (traceId === null && isCreate) {
    complain(
      subject,
      'observation-without-trace',
      'body.traceId',
      'must be the id of a trace: a server makes up a random one',
    );
  }
  const isPlain = type === 'SPAN' || type === 'EVENT';
  const ignored = [...(isPlain ? GENERATION_FIELDS : []), ...(type === 'EVENT' ? ['endTime'] : [])];
  const read = ignored.length === 0 ? body : withoutIgnored(event, ignored);
  const startUs = optionalTime(read, 'startTime') ?? timestampUs;
  const endUs = optionalTime(read, 'endTime');
  // An update usually has no start of its own: the create, which may come later, has it.
  const isReversed = (body.startTime != null || isCreate) && endUs !== null && endUs < startUs;
  if (isReversed) {
    complain(
      subject,
      'end-before-start',
      'body.endTime',
      'must not be before body.startTime: it becomes the start',
    );
  }
  return {
    mode: 'merge',
    order: eventOrder(timestampUs, !isCreate),
    nulls: (['name', 'level', 'model'] as const).filter((field) => read[field] === null),
    row: {
      id,
      traceId,
      parentId: optionalText(read, 'parentObservationId'),
      type,
      level: optionalOneOf(read, 'level', LEVELS, 'level-refused'),
      startUs,
      endUs: isReversed ? startUs : endUs,
      name: optionalText(read, 'name'),
      completionStartUs: optionalTime(read, 'completionStartTime'),
      statusMessage: optionalText(read, 'statusMessage'),
      version: optionalText(read, 'version'),
      environment: environmentOfBody(event),
      model: optionalText(read, 'model'),
      modelParameters: modelParametersOf(read),
      ...figuresOf(event, read),
      ...promptOf(read),
      metadata: jsonOrNull(optionalMetadata(event)),
      input: payloadText(payloadOfBody(event, 'input')),
      output: payloadText(payloadOfBody(event, 'output')),
    },
  };
}

function withoutIgnored({ body, subject }: IngestionEvent, fields: readonly string[]): Body {
  const kept = { ...body };
  for (const field of fields) {
    if (kept[field] === undefined || kept[field] === null) continue;
    delete kept[field];
    complain(
      subject,
      'field-ignored',
      `body.${field}`,
      'must be on a generation or its like: it is left out',
    );
  }
  return kept;
}

function modelParametersOf(body: Body): string | null {
  const parameters = body.modelParameters;
  if (parameters === undefined || parameters === null) return null;
  if (areModelParameters(parameters)) return toJsonText(parameters);
  const expected = 'an object of strings, numbers, booleans, arrays of strings and objects of strings';
  throw wrong('modelParameters', expected, parameters, 'model-parameters-shape');
}

function figuresOf(
  { subject }: IngestionEvent,
  body: Body,
): Pick<ObservationRow, 'usageDetails' | 'costDetails' | 'totalTokens' | 'totalCost'> {
  const usage = optionalObject(body, 'usage', 'usage-shape');
  const problem = usage && problemOfClassicUsage(usage);
  if (problem) throw new InvalidEvent('usage-shape', 'usage', `usage${problem}`);
  const classic = usage && classicDetails(usage);
  const usageGiven = optionalObject(body, 'usageDetails', 'usage-shape');
  const costGiven = optionalObject(body, 'costDetails', 'usage-shape');
  const usageDetails = united(
    classic?.usage,
    usageGiven && judgedUsage(subject, 'body.usageDetails', usageGiven),
  );
  const costDetails = united(classic?.cost, costGiven && judgedCost(subject, 'body.costDetails', costGiven));
  return {
    totalTokens: totalOf(usageDetails),
    totalCost: totalOf(costDetails),
    usageDetails: jsonOrNull(usageDetails),
    costDetails: jsonOrNull(costDetails),
  };
}

/** The newer fields take precedence over the older ones. */
function united(older: Details | undefined, newer: Details | null): Details | null {
  const details = { ...older, ...newer };
  return Object.keys(details).length === 0 ? null : details;
}

function promptOf(body: Body): Pick<ObservationRow, 'promptName' | 'promptVersion'> {
  const promptName = optionalText(body, 'promptName');
  const promptVersion = optionalInteger(body, 'promptVersion', 'prompt-version-type');
  if (Boolean(promptName) === Boolean(promptVersion))
    return { promptName: promptName || null, promptVersion: promptVersion || null };
  const problem = promptVersion === 0 ? 'and version 0 is none' : 'but got one of them';
  throw new InvalidEvent(
    'prompt-incomplete',
    'promptName',
    `promptName and promptVersion must come together, ${problem}`,
  );
}

function jsonOrNull(value: object | null): string | null {
  return value && toJsonText(value);
}
