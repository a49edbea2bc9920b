/** The page's filters: query parameters → the filter of the store. */

import { boundName, RANGE_FILTERS, VALUE_FILTERS } from '../../viewer/data/filters.js';
import { integer, invalid, number, one, oneOf, time } from '../read/parameters.js';
import type { PageFilter, ScoreFilter } from '../store/contract/page.js';

/** Somebody who has asked so often has waited for half an hour. */
const MAX_FURTHER = 1_000;

/** @throws HttpError 400 with the name of a wrong parameter. */
export function pageFilter(query: URLSearchParams): PageFilter {
  return {
    fromUs: time(query, 'from'),
    toUs: time(query, 'to'),
    values: Object.fromEntries(
      VALUE_FILTERS.filter((name) => query.has(name)).map((name) => [name, query.getAll(name)]),
    ),
    ranges: rangesOf(query),
    scores: query.getAll('score').map(scoreFilter),
    unscored: query.getAll('unscored'),
    isScored: presence(query, 'scored'),
    hasFeedback: presence(query, 'feedback'),
    status: one(query, 'status'),
    metadata: query.getAll('metadata').map(metadataEntry),
    ids: query.getAll('id'),
    search: one(query, 'q'),
    further: query.has('further') ? integer(query, 'further', 0, 0, MAX_FURTHER) : null,
  };
}

function rangesOf(query: URLSearchParams): PageFilter['ranges'] {
  const ranges: PageFilter['ranges'] = {};
  for (const name of RANGE_FILTERS) {
    const [min, max] = [number(query, boundName('min', name)), number(query, boundName('max', name))];
    if (min !== null || max !== null) ranges[name] = { min, max };
  }
  return ranges;
}

/** `NAME`, `NAME=VALUE`, or NAME with one of `<`, `<=`, `>`, `>=` and a number. */
function scoreFilter(text: string): ScoreFilter {
  const [, name = '', operator, value = ''] = /^(.*?)(?:\s*(<=|>=|=|<|>)\s*([^<>=]*))?$/s.exec(text) ?? [];
  if (operator === undefined) return { name, operator: null };
  if (operator === '=') return { name, operator, value };
  if (value.trim() === '' || Number.isNaN(Number(value))) {
    throw invalid('score', `NAME${operator}NUMBER`, text);
  }
  return { name, operator: operator as '<' | '<=' | '>' | '>=', value: Number(value) };
}

function presence(query: URLSearchParams, name: string): boolean | null {
  const wanted = oneOf(query, name, ['yes', 'no']);
  return wanted === null ? null : wanted === 'yes';
}

/** `KEY=VALUE`. */
function metadataEntry(text: string): { key: string; value: string } {
  const at = text.indexOf('=');
  if (at < 1) throw invalid('metadata', 'KEY=VALUE', text);
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}
