/** The list of traces: reads it by page, and keeps it up to date. */

import { batch, computed, effect, signal } from '@preact/signals';
import type { ComplaintList } from '../../data/complaints.js';
import type { Facets, LiveEvent, Series, TraceList, TraceRow } from '../../data/list.js';
import { DEFAULT_SORT, filterQuery, sort } from '../filters/filter-state.js';
import { getJson, isAbort } from '../server/api.js';
import { listen } from '../server/live.js';
import { mergeRows } from './merge-rows.js';

export const rows = signal<readonly TraceRow[]>([]);
export const total = signal<number | null>(null);
/** All traces, whatever the filter; null: not read yet. */
export const stored = signal<number | null>(null);
export const searchedFromUs = signal<number | null>(null);
export const size = signal<TraceList['size'] | null>(null);
/** Whether the server can trace its sample agent. */
export const hasSample = signal(false);
export const isLoading = signal(false);
export const problem = signal<Error | null>(null);
export const facets = signal<Facets | null>(null);
export const series = signal<Series | null>(null);
export const strayComplaints = signal<ComplaintList | null>(null);
export const isPaused = signal(false);
/** Traces that have changed since the list was paused, or that another order than by time leaves out. */
export const waiting = signal<ReadonlySet<string>>(new Set());
const next = signal<string | null>(null);
export const hasMore = computed(() => next.value !== null);

const PAGE_ROWS = 100;
/** While much arrives, the chart and the counts are read this often. */
const SUMMARY_MS = 2_000;
/** While very much arrives, so is the list. */
const RELOAD_MS = 1_000;

let reading: AbortController | undefined;
let stopListening: (() => void) | undefined;
let summaryTimer: number | undefined;
let reloadTimer: number | undefined;

const listQuery = (more: Record<string, string> = {}) => {
  const parameters = new URLSearchParams(filterQuery.value);
  parameters.set('sort', sort.value);
  parameters.set('limit', String(PAGE_ROWS));
  for (const [name, value] of Object.entries(more)) parameters.set(name, value);
  return parameters.toString();
};

/** Shows the list of the address, and follows it. Returns the end of it. */
export function startList(): () => void {
  const stop = effect(() => {
    // Read here, so that a change of the address starts anew.
    const key = `${filterQuery.value} ${sort.value}`;
    if (key !== '') queueMicrotask(() => void load());
  });
  return () => {
    stop();
    reading?.abort();
    stopListening?.();
    stopListening = undefined;
    clearTimeout(summaryTimer);
    clearTimeout(reloadTimer);
    summaryTimer = reloadTimer = undefined;
  };
}

export async function load(): Promise<void> {
  reading?.abort();
  const controller = new AbortController();
  reading = controller;
  isLoading.value = true;
  try {
    const list = await getJson<TraceList>('traces', listQuery(), controller.signal);
    batch(() => {
      show(list);
      rows.value = list.traces;
      waiting.value = new Set();
      problem.value = null;
      isLoading.value = false;
    });
    stopListening ??= listen(list.since, hear);
    await loadSummary(controller.signal);
  } catch (error) {
    if (isAbort(error)) return;
    isLoading.value = false;
    problem.value = error as Error;
  }
}

function show(list: TraceList): void {
  next.value = list.next;
  if (list.total !== null) total.value = list.total;
  stored.value = list.stored;
  size.value = list.size;
  hasSample.value = list.hasSample;
  searchedFromUs.value = list.searchedFromUs;
}

async function loadSummary(signal: AbortSignal): Promise<void> {
  const [newSeries, complaints] = await Promise.all([
    getJson<Series>('series', filterQuery.value, signal),
    getJson<ComplaintList>('complaints', '', signal),
  ]);
  batch(() => {
    series.value = newSeries;
    // Changes are merged one by one, so the count of the list may have drifted.
    total.value = newSeries.buckets.reduce((sum, { count }) => sum + count, 0);
    strayComplaints.value = complaints;
  });
  // Last, as they cost most.
  facets.value = await getJson<Facets>('facets', filterQuery.value, signal);
}

let isLoadingMore = false;

/** Reads the next page. */
export async function loadMore(): Promise<void> {
  const cursor = next.value;
  const signal = reading?.signal;
  if (cursor === null || isLoadingMore || signal === undefined) return;
  isLoadingMore = true;
  try {
    const list = await getJson<TraceList>('traces', listQuery({ cursor }), signal);
    if (next.value !== cursor) return;
    const known = new Set(rows.value.map(({ id }) => id));
    batch(() => {
      show(list);
      rows.value = [...rows.value, ...list.traces.filter(({ id }) => !known.has(id))];
    });
  } catch (error) {
    if (!isAbort(error)) problem.value = error as Error;
  } finally {
    isLoadingMore = false;
  }
}

export function togglePause(): void {
  isPaused.value = !isPaused.value;
  if (!isPaused.value) void load();
}

function hear(event: LiveEvent): void {
  if (isPaused.value) {
    if (event.kind === 'ids') waiting.value = new Set([...waiting.value, ...event.ids]);
    return;
  }
  if (event.kind === 'ids') void refresh(event.ids);
  else reloadTimer ??= window.setTimeout(reload, RELOAD_MS);
  summaryTimer ??= window.setTimeout(summarize, SUMMARY_MS);
}

async function reload(): Promise<void> {
  reloadTimer = undefined;
  await load();
}

async function summarize(): Promise<void> {
  summaryTimer = undefined;
  const signal = reading?.signal;
  if (signal !== undefined) await loadSummary(signal).catch(() => {});
}

async function refresh(ids: readonly string[]): Promise<void> {
  const signal = reading?.signal;
  const parameters = new URLSearchParams(listQuery());
  for (const id of ids) parameters.append('id', id);
  try {
    const list = await getJson<TraceList>('traces', parameters.toString(), signal);
    const isByTime = sort.value === DEFAULT_SORT;
    const merged = mergeRows(rows.value, ids, list.traces, { isByTime, isWhole: next.value === null });
    batch(() => {
      rows.value = merged.rows;
      stored.value = list.stored;
      size.value = list.size;
      if (total.value !== null) total.value += merged.added - merged.removed;
      if (merged.left.length > 0) waiting.value = new Set([...waiting.value, ...merged.left]);
    });
  } catch {
    // The next event, or the next click, asks again.
  }
}
