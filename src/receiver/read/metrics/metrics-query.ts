/**
 * The parameter `query` of metrics: JSON → a query of the store. Names, defaults and limits are those of Langfuse's
 * web/src/features/public-api/types/metrics.ts and packages/shared/src/features/query/.
 */

import { HttpError } from '../../http/requests.js';
import {
  AGGREGATIONS,
  GRANULARITIES,
  type Granularity,
  type GroupBy,
  type Metric,
  type MetricsQuery,
  TIME_DIMENSION,
} from '../../store/contract/metrics.js';
import { METRICS_VIEWS, type MetricsVersion, type MetricsView } from '../../store/contract/metrics-views.js';
import { emptyFilter } from '../conditions.js';
import { addConditions } from '../filter-parameter.js';
import { microsOf, one } from '../parameters.js';
import { list, need, object, oneOf, optionalInteger, type Raw, text, wrong } from './fields.js';
import { columnsOf, conditionsOf, relationsOf } from './metrics-filters.js';
import { dimensionOf, measureOf } from './metrics-names.js';
import { automaticGranularity } from './time-buckets.js';
import { requireTopRows } from './top-rows.js';

/** Of a query that names no limit, and whose version has no default. */
const MAX_ROWS = 100_000;
/** Of all rows: a row with histograms may have thousands. */
const MAX_VALUES = 2_000_000;
const MAX_ROW_LIMIT = 1_000;
const DEFAULT_ROW_LIMIT_V2 = 100;
const MAX_BINS = 100;
const DEFAULT_BINS = 10;

export interface ReadQuery {
  query: MetricsQuery;
  /** Whether the answer also has the time buckets without rows. */
  isFilled: boolean;
  /** Undefined: all rows, or an error if there are more than `maxRows`. */
  rowLimit: number | undefined;
  maxRows: number;
}

/** @throws HttpError 400 that names the field; 501 for a field that only a Langfuse server has. */
export function metricsQuery(parameters: URLSearchParams, version: MetricsVersion): ReadQuery {
  const raw = object(parse(one(parameters, 'query')), 'the whole');
  const views = METRICS_VIEWS[version];
  const viewName = oneOf(raw.view, 'view', Object.keys(views));
  const view = views[viewName] as MetricsView;
  const { fromMs, toMs } = timeRange(raw);
  const granularity = granularityOf(raw.timeDimension, fromMs, toMs);
  const metrics = metricsOf(need(raw.metrics, 'metrics'), view);
  const groups = groupsOf(raw.dimensions, view, metrics);
  const filters = conditionsOf(list(raw.filters ?? [], 'filters'), view);
  const filter = emptyFilter();
  addConditions(filter, columnsOf(view), filters, 'query parameter query: filters');
  const config = object(raw.config ?? {}, 'config');
  const rowLimit = optionalInteger(config.row_limit, 'config.row_limit', MAX_ROW_LIMIT);
  const order = orderOf(raw.orderBy);
  if (version === 'v2') requireTopRows({ groups, metrics, granularity, order, rowLimit });
  const bins = optionalInteger(config.bins, 'config.bins', MAX_BINS) ?? DEFAULT_BINS;
  const maxRows = maxRowsOf(groups, metrics, bins);
  const limit = rowLimit ?? (version === 'v2' ? DEFAULT_ROW_LIMIT_V2 : undefined);
  return {
    query: {
      version,
      view: viewName,
      groups,
      metrics,
      granularity,
      fromUs: fromMs * 1000,
      // A server stores milliseconds, and takes the last one whole.
      toUs: toMs * 1000 + 999,
      conditions: filter.conditions,
      relations: relationsOf(view, groups, metrics, filters),
      order:
        order.length > 0
          ? requireOrder(order, groups, metrics, granularity)
          : defaultOrder(metrics, granularity),
      bins,
      limit: limit ?? maxRows + 1,
    },
    isFilled: granularity !== undefined && order.length === 0,
    rowLimit: limit,
    maxRows,
  };
}

function maxRowsOf(groups: readonly GroupBy[], metrics: readonly Metric[], bins: number): number {
  const histograms = metrics.filter(({ aggregation }) => aggregation === 'histogram').length;
  return Math.min(MAX_ROWS, Math.floor(MAX_VALUES / (groups.length + metrics.length + histograms * bins)));
}

function parse(text: string | null): unknown {
  if (text === null) throw new HttpError(400, 'query parameter query must be given: a JSON object');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HttpError(400, 'query parameter query must be a JSON object, but it is not JSON');
  }
}

function timeRange(raw: Raw): { fromMs: number; toMs: number } {
  const ms = (name: 'fromTimestamp' | 'toTimestamp') => {
    const value = text(raw[name], name);
    const us = microsOf(value);
    if (us === null) throw wrong(name, 'an ISO 8601 time with a zone (2026-01-15T12:00:00Z)', value);
    return Math.floor(us / 1000);
  };
  const [fromMs, toMs] = [ms('fromTimestamp'), ms('toTimestamp')];
  if (fromMs >= toMs) throw wrong('fromTimestamp', 'before toTimestamp', raw.fromTimestamp);
  return { fromMs, toMs };
}

function granularityOf(raw: unknown, fromMs: number, toMs: number): Granularity | undefined {
  if (raw === undefined || raw === null) return undefined;
  const { granularity } = object(raw, 'timeDimension');
  const chosen = oneOf(granularity, 'timeDimension.granularity', ['auto', ...GRANULARITIES] as const);
  return chosen === 'auto' ? automaticGranularity(fromMs, toMs) : chosen;
}

/** Without any the rows are counted. A metric that is there twice is answered once: both have one name. */
function metricsOf(raw: unknown, view: MetricsView): Metric[] {
  const metrics = list(raw, 'metrics').map((item, index): Metric => {
    const where = `metrics[${index}]`;
    const { measure: name, aggregation: given } = object(item, where);
    const aggregation = oneOf(given, `${where}.aggregation`, AGGREGATIONS);
    const measure = measureOf(view, text(name, `${where}.measure`), `${where}.measure`);
    const allowed = measure.type === 'number' ? AGGREGATIONS : (['count', 'uniq'] as const);
    oneOf(aggregation, `${where}.aggregation`, allowed);
    return { name: `${aggregation}_${name}`, measureName: String(name), measure, aggregation };
  });
  if (metrics.length > 0) return distinct(metrics);
  const counted = { measureName: 'count', measure: measureOf(view, 'count', 'metrics') };
  return [{ name: 'count', ...counted, aggregation: 'count' }];
}

function groupsOf(raw: unknown, view: MetricsView, metrics: readonly Metric[]): GroupBy[] {
  const groups = list(raw ?? [], 'dimensions').map((item, index): GroupBy => {
    const where = `dimensions[${index}]`;
    const name = text(object(item, where).field, `${where}.field`);
    return { name, dimension: dimensionOf(view, name, `${where}.field`) };
  });
  for (const { measure } of metrics) {
    if (measure.dimension === undefined) continue;
    groups.push({ name: measure.dimension, dimension: dimensionOf(view, measure.dimension, 'metrics') });
  }
  const all = distinct(groups);
  const paired = all.filter(({ dimension }) => dimension.pairs !== undefined);
  if (paired.length > 1) throw wrong('dimensions', 'without costType beside usageType', paired[1]?.name);
  return all;
}

function distinct<T extends { name: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.name, item])).values()];
}

type Order = { name: string; isDescending: boolean }[];

function orderOf(raw: unknown): Order {
  return list(raw ?? [], 'orderBy').map((item, index) => {
    const where = `orderBy[${index}]`;
    const { field, direction } = object(item, where);
    const isDescending = oneOf(direction, `${where}.direction`, ['asc', 'desc']) === 'desc';
    return { name: text(field, `${where}.field`), isDescending };
  });
}

function requireOrder(
  order: Order,
  groups: readonly GroupBy[],
  metrics: readonly Metric[],
  granularity: Granularity | undefined,
): Order {
  const names = [
    ...groups,
    ...(granularity === undefined ? [] : [{ name: TIME_DIMENSION }]),
    ...metrics.filter(({ aggregation }) => aggregation !== 'histogram'),
  ].map(({ name }) => name);
  for (const [index, { name }] of order.entries()) oneOf(name, `orderBy[${index}].field`, names);
  return order;
}

/** By time, else by the first metric, the largest first. */
function defaultOrder([first]: readonly Metric[], granularity: Granularity | undefined): Order {
  if (granularity !== undefined) return [{ name: TIME_DIMENSION, isDescending: false }];
  return first === undefined ? [] : [{ name: first.name, isDescending: true }];
}
