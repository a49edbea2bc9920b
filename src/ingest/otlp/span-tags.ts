/** Reads the tags of a trace from a span, as a Langfuse server does (its otel/OtelIngestionProcessor.ts, extractTags). */

import { complain, type Subject, typeOfValue } from '../findings.js';
import { parsedOrUndefined } from '../json-text.js';
import type { OtlpSpan } from './otlp-span.js';

const TAG_KEYS = [
  'langfuse.trace.tags',
  'langfuse.tags',
  'langfuse.observation.metadata.langfuse_tags',
  'langfuse.trace.metadata.langfuse_tags',
  'ai.telemetry.metadata.tags',
  'tag.tags',
];

/** The server's conversion of this span throws, and the whole request is lost. */
export class ConversionFails extends Error {}

export function tagsOf({ attributes }: OtlpSpan, subject: Subject): string[] {
  const key = TAG_KEYS.find((candidate) => attributes.get(candidate));
  if (key === undefined) return [];
  const value = attributes.get(key);
  const isJsonList = typeof value === 'string' && value.trim().startsWith('[');
  const list = isJsonList ? parsedOrUndefined(value) : value;
  if (Array.isArray(list)) return tagTexts(subject, key, list as unknown[]);
  if (typeof value === 'string') {
    if (!value.includes(',')) return [value];
    complain(
      subject,
      'tags-changed',
      key,
      'must be an array of strings, but got a string: it is split at its commas',
    );
    return value.split(',').map((tag) => tag.trim());
  }
  complain(
    subject,
    'tags-ignored',
    key,
    `must be an array of strings, but got ${typeOfValue(value)}: they are left out`,
  );
  return [];
}

function tagTexts(subject: Subject, key: string, list: unknown[]): string[] {
  if (list.every((tag) => typeof tag === 'string')) return list as string[];
  const wrong = list.find((tag) => typeof tag !== 'string');
  try {
    const texts = list.map(String);
    complain(
      subject,
      'tags-changed',
      key,
      `must be an array of strings, but one is ${typeOfValue(wrong)}: each becomes text`,
    );
    return texts;
  } catch {
    // An object whose toString is not a function.
    complain(
      subject,
      'conversion-fails',
      key,
      'must be an array of strings, but holds an object that no text can be made of: the whole request is lost',
    );
    throw new ConversionFails();
  }
}
