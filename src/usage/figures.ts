/** Usage and cost of an observation, with marks that say where each figure comes from. */

import type { Details } from './details.js';

/** Accompanies estimates everywhere: in the store, the read API, the page, and a span's metadata. */
export interface Marks {
  readonly usage: 'given' | 'estimated' | 'unknown';
  /** `computed`: given usage at a list price. `estimated`: estimated usage at a list price. */
  readonly cost: 'given' | 'computed' | 'estimated' | 'unknown';
  /** Source and version: `genai-prices 0.1.8`, or `override`. */
  readonly price?: string;
  /** The entry of the price list: `openai/gpt-4o`. */
  readonly priceModel?: string;
  /** The encoding that the text was counted with, and a note if it is not the model's own. */
  readonly tokenizer?: string;
  /** What an estimate does not count: `media`. */
  readonly uncounted?: string;
}

/** Figures to add to an observation. */
export interface Figures {
  readonly usageDetails?: Details;
  readonly costDetails?: Details;
  readonly marks: Marks;
}

/** The fields of an observation that its cost depends on. */
export interface Billed {
  /** In lower case: `generation`, `embedding`, … */
  readonly type: string;
  readonly model: string;
  /** The provider, if known: `openai`, `aws.bedrock`, … */
  readonly provider?: string;
  readonly isError: boolean;
  readonly startTime: Date;
  readonly usageDetails: Details | null;
  readonly costDetails: Details | null;
  /** Called only if text must be counted. Null or undefined: not recorded. */
  readonly input: () => unknown;
  readonly output: () => unknown;
}

/** Keys of the marks in metadata: flat, so that a server can filter by them. */
const PREFIX = 'tailrace_';
const KEYS = ['usage', 'cost', 'price', 'priceModel', 'tokenizer', 'uncounted'] as const;

export function marksToMetadata(marks: Marks): Record<string, string> {
  return Object.fromEntries(
    KEYS.flatMap((key) => (marks[key] === undefined ? [] : [[`${PREFIX}${key}`, marks[key]]])),
  );
}

export function marksFromMetadata(metadata: unknown): Marks | undefined {
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const entries = KEYS.map((key) => [key, (metadata as Record<string, unknown>)[`${PREFIX}${key}`]] as const);
  const marks = Object.fromEntries(entries.filter(([, value]) => typeof value === 'string'));
  return marks.usage !== undefined && marks.cost !== undefined ? (marks as unknown as Marks) : undefined;
}
