/** All tools, in the order in which clients show them. */
import type { Tool } from '../tool.js';
import { addScore } from './add-score.js';
import { compareTraces } from './compare-traces.js';
import { getObservation } from './get-observation.js';
import { getTrace } from './get-trace.js';
import { groupErrors } from './group-errors.js';
import { listFilters } from './list-filters.js';
import { listSessions } from './sessions.js';
import { findWorstTraces, listTraces, searchTraces } from './trace-lists.js';

export const TOOLS: readonly Tool[] = [
  listTraces,
  searchTraces,
  getTrace,
  getObservation,
  groupErrors,
  findWorstTraces,
  compareTraces,
  listSessions,
  listFilters,
  addScore,
];
