/** Reads how the events of an exported trace were merged. A file may hold anything: what is read here is merged with later events. */

import { isObject } from '../../../ingest/json-text.js';
import { type ArrivedFields, TIMED_FIELDS } from '../../../ingest/trace-state.js';
import type { StoredState } from '../../store/contract/rows.js';

/** @throws StoredStateError */
export function readStoredState(value: unknown): StoredState {
  const state = objectAt(value, 'state');
  const times = recordOf(state.times, 'state.times', (one) => typeof one === 'number');
  for (const field of Object.keys(times)) {
    if (!TIMED_FIELDS.includes(field as never))
      throw new StoredStateError(`state.times.${field.slice(0, 40)}`);
  }
  return {
    times,
    metadataTimes: recordOf<number>(
      state.metadataTimes,
      'state.metadataTimes',
      (one) => typeof one === 'number',
    ),
    metadataTexts: recordOf<boolean>(
      state.metadataTexts,
      'state.metadataTexts',
      (one) => typeof one === 'boolean',
    ),
    hasRecord: state.hasRecord === true,
    arrived: state.arrived === null ? null : arrivedOf(state.arrived),
    inputOf: textOrNull(state.inputOf, 'state.inputOf'),
    outputOf: textOrNull(state.outputOf, 'state.outputOf'),
  };
}

export class StoredStateError extends Error {
  constructor(field: string) {
    super(`${field} is not as tailrace exports it`);
  }
}

function arrivedOf(value: unknown): ArrivedFields {
  const arrived = objectAt(value, 'state.arrived');
  const { tags } = arrived;
  const isTags = tags === null || (Array.isArray(tags) && tags.every((one) => typeof one === 'string'));
  if (!isTags) throw new StoredStateError('state.arrived.tags');
  const text = (name: keyof ArrivedFields) => textOrNull(arrived[name], `state.arrived.${name}`);
  return {
    name: text('name'),
    rootName: text('rootName'),
    userId: text('userId'),
    sessionId: text('sessionId'),
    release: text('release'),
    version: text('version'),
    tags: tags as string[] | null,
    public: arrived.public === 1 ? 1 : 0,
  };
}

function textOrNull(value: unknown, field: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') throw new StoredStateError(field);
  return value;
}

function objectAt(value: unknown, field: string): Record<string, unknown> {
  if (!isObject(value)) throw new StoredStateError(field);
  return value;
}

function recordOf<T>(value: unknown, field: string, isRight: (one: unknown) => boolean): Record<string, T> {
  const record = objectAt(value, field);
  if (!Object.values(record).every(isRight)) throw new StoredStateError(field);
  return record as Record<string, T>;
}
