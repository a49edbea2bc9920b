/** Conditions with the rows of `fill` that pass them, in the order of their list. */

import type {
  Condition,
  ObservationColumn,
  ScoreColumn,
  TraceColumn,
} from '../../../../../src/receiver/store/contract/conditions.js';
import { us } from './harness.js';

export const TRACES: [string, Condition<TraceColumn>, string[]][] = [
  ['=', { type: 'string', column: 'name', operator: '=', value: 'chat' }, ['t1', 't2']],
  ['contains', { type: 'string', column: 'name', operator: 'contains', value: 'at' }, ['t1', 't2', 't3']],
  [
    'does not contain',
    { type: 'string', column: 'name', operator: 'does not contain', value: 'hat' },
    ['t3'],
  ],
  ['starts with', { type: 'string', column: 'name', operator: 'starts with', value: 'ba' }, ['t3']],
  ['ends with', { type: 'string', column: 'name', operator: 'ends with', value: 'at' }, ['t1', 't2']],
  ['case', { type: 'string', column: 'name', operator: '=', value: 'Chat' }, []],
  [
    'any of',
    { type: 'stringOptions', column: 'userId', operator: 'any of', value: ['ada', 'x'] },
    ['t1', 't3'],
  ],
  ['none of', { type: 'stringOptions', column: 'userId', operator: 'none of', value: ['ada'] }, ['t2']],
  ['is null', { type: 'null', column: 'userId', operator: 'is null' }, ['t4']],
  ['is not null', { type: 'null', column: 'sessionId', operator: 'is not null' }, ['t1', 't2', 't3']],
  [
    'a default',
    { type: 'string', column: 'environment', operator: '=', value: 'default' },
    ['t2', 't3', 't4'],
  ],
  ['<', { type: 'datetime', column: 'timestamp', operator: '<', value: us(10_000) }, ['t1']],
  ['<= time', { type: 'datetime', column: 'timestamp', operator: '<=', value: us(10_000) }, ['t1', 't2']],
  ['> time', { type: 'datetime', column: 'timestamp', operator: '>', value: us(10_000) }, ['t3', 't4']],
  ['> number', { type: 'number', column: 'totalTokens', operator: '>', value: 15 }, ['t2']],
  ['>= number', { type: 'number', column: 'totalCost', operator: '>=', value: 0.75 }, ['t1', 't2']],
  ['seconds', { type: 'number', column: 'latency', operator: '=', value: 2 }, ['t1']],
  ['input tokens', { type: 'number', column: 'inputTokens', operator: '=', value: 100 }, ['t2']],
  ['output tokens', { type: 'number', column: 'outputTokens', operator: '<=', value: 5 }, ['t1', 't3', 't4']],
  ['costs of a side', { type: 'number', column: 'outputCost', operator: '>', value: 0 }, ['t1']],
  ['highest level', { type: 'string', column: 'level', operator: '=', value: 'WARNING' }, ['t2']],
  ['counts', { type: 'number', column: 'errorCount', operator: '=', value: 1 }, ['t1']],
  ['counts of a level', { type: 'number', column: 'defaultCount', operator: '=', value: 2 }, ['t1']],
  ['any tag', { type: 'arrayOptions', column: 'tags', operator: 'any of', value: ['a', 'x'] }, ['t1']],
  ['all tags', { type: 'arrayOptions', column: 'tags', operator: 'all of', value: ['b', 'a'] }, ['t1']],
  ['no tag', { type: 'arrayOptions', column: 'tags', operator: 'none of', value: ['a'] }, ['t2', 't3', 't4']],
  [
    'a flag',
    { type: 'boolean', column: 'bookmarked', operator: '=', value: false },
    ['t1', 't2', 't3', 't4'],
  ],
  [
    'text of metadata',
    { type: 'stringObject', column: 'metadata', key: 'k', operator: '=', value: 'x' },
    ['t1'],
  ],
  [
    'the opposite for a key',
    { type: 'stringObject', column: 'metadata', key: 'k', operator: 'does not contain', value: 'x' },
    ['t2', 't3', 't4'],
  ],
  [
    'categories of metadata',
    { type: 'categoryOptions', column: 'metadata', key: 'n', operator: 'any of', value: ['5'] },
    ['t1'],
  ],
  [
    'number of metadata',
    { type: 'numberObject', column: 'metadata', key: 'n', operator: '>', value: 4 },
    ['t1'],
  ],
  [
    'flag of metadata',
    { type: 'booleanObject', column: 'metadata', key: 'yes', operator: '<>', value: true },
    ['t2', 't3', 't4'],
  ],
  [
    'means of scores',
    { type: 'numberObject', column: 'scores_avg', key: 'reward', operator: '>=', value: 0.5 },
    ['t1', 't2'],
  ],
  [
    'categories of scores',
    {
      type: 'categoryOptions',
      column: 'score_categories',
      key: 'tone',
      operator: 'none of',
      value: ['kind'],
    },
    ['t1', 't3', 't4'],
  ],
  [
    'flags of scores',
    { type: 'booleanObject', column: 'score_booleans', key: 'good', operator: '=', value: true },
    ['t1'],
  ],
];

export const OBSERVATIONS: [string, Condition<ObservationColumn>, string[]][] = [
  ['type', { type: 'string', column: 'type', operator: '=', value: 'TOOL' }, ['lookup']],
  [
    'a default level',
    { type: 'string', column: 'level', operator: '=', value: 'DEFAULT' },
    ['step', 'ask', 'root'],
  ],
  [
    'parents',
    { type: 'string', column: 'parentObservationId', operator: '=', value: 'root' },
    ['lookup', 'ask'],
  ],
  [
    'no parent',
    { type: 'null', column: 'parentObservationId', operator: 'is null' },
    ['step', 'ask2', 'root'],
  ],
  ['open ones', { type: 'null', column: 'endTime', operator: 'is null' }, ['step']],
  ['time', { type: 'datetime', column: 'startTime', operator: '>=', value: us(10_000) }, ['step', 'ask2']],
  ['model', { type: 'stringOptions', column: 'model', operator: 'any of', value: ['model-y'] }, ['ask2']],
  [
    'provided model',
    { type: 'string', column: 'providedModelName', operator: 'ends with', value: '-x' },
    ['ask'],
  ],
  ['prompt version', { type: 'number', column: 'promptVersion', operator: '=', value: 3 }, ['ask']],
  ['latency', { type: 'number', column: 'latency', operator: '>', value: 1.5 }, ['ask2', 'root']],
  ['first token', { type: 'number', column: 'timeToFirstToken', operator: '=', value: 0.1 }, ['ask']],
  ['rate', { type: 'number', column: 'tokensPerSecond', operator: '=', value: 5 }, ['ask2', 'ask']],
  ['total tokens', { type: 'number', column: 'totalTokens', operator: '>=', value: 15 }, ['ask2', 'ask']],
  ['cost', { type: 'number', column: 'totalCost', operator: '<', value: 1 }, ['ask']],
  ['users of traces', { type: 'string', column: 'userId', operator: '=', value: 'bob' }, ['ask2']],
  ['sessions of traces', { type: 'string', column: 'sessionId', operator: '=', value: 's2' }, ['step']],
  [
    'tags of traces',
    { type: 'arrayOptions', column: 'traceTags', operator: 'all of', value: ['a'] },
    ['lookup', 'ask', 'root'],
  ],
  ['roots', { type: 'boolean', column: 'isRootObservation', operator: '=', value: false }, ['lookup', 'ask']],
  [
    'any case of a payload',
    { type: 'string', column: 'input', operator: 'matches', value: 'NEEDLE' },
    ['ask2'],
  ],
  [
    'a part of a payload',
    { type: 'string', column: 'output', operator: 'contains', value: 'the river' },
    ['ask'],
  ],
  [
    'metadata',
    { type: 'stringObject', column: 'metadata', key: 'step', operator: '=', value: 'one' },
    ['ask'],
  ],
];

export const SCORES: [string, Condition<ScoreColumn>, string[]][] = [
  ['name', { type: 'string', column: 'name', operator: '=', value: 'reward' }, ['sc4', 'sc1']],
  ['a value', { type: 'number', column: 'value', operator: '=', value: 1.5 }, ['sc4']],
  ['another value', { type: 'number', column: 'value', operator: '!=', value: 1.5 }, ['sc5', 'sc2', 'sc1']],
  [
    'any of numbers',
    { type: 'numberOptions', column: 'value', operator: 'any of', value: [0.25, 1] },
    ['sc5', 'sc2'],
  ],
  [
    'type',
    { type: 'stringOptions', column: 'dataType', operator: 'none of', value: ['NUMERIC', 'CORRECTION'] },
    ['sc3', 'sc2'],
  ],
  ['text', { type: 'stringOptions', column: 'stringValue', operator: 'any of', value: ['kind'] }, ['sc3']],
  ['no trace', { type: 'null', column: 'traceId', operator: 'is null' }, ['sc5']],
  ['source', { type: 'string', column: 'source', operator: '=', value: 'ANNOTATION' }, []],
  ['time', { type: 'datetime', column: 'timestamp', operator: '<', value: us(1000) }, ['sc1']],
  ['environment', { type: 'string', column: 'environment', operator: '=', value: 'prod' }, ['sc1']],
  ['users of traces', { type: 'string', column: 'traceUserId', operator: '=', value: 'bob' }, ['sc4', 'sc3']],
  [
    'tags of traces',
    { type: 'arrayOptions', column: 'traceTags', operator: 'all of', value: ['b', 'a'] },
    ['sc6', 'sc2', 'sc1'],
  ],
];
