/** Maps model names as people write them to entries of the price list, and to the encoding for counting. */
import type { EncodingName } from './libraries.js';

export interface ModelName {
  /** Undefined: the price list chooses by the model's name. */
  readonly provider?: string;
  readonly model: string;
}

/** `anthropic.claude-…`, `us.amazon.nova-…`: as Bedrock names models. */
const BEDROCK = /^([a-z-]+\.)?(ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen)\./;
/** OpenAI's models that the price list does not find by name alone. */
const OPENAI = /^(ft:|text-embedding-|chatgpt-)/;
/** Fine-tuned models without the date of their base; each has exactly one. */
const FINE_TUNED: readonly [RegExp, string][] = [
  [/^ft:gpt-4o:/, 'ft:gpt-4o-2024-08-06:'],
  [/^ft:gpt-4o-mini:/, 'ft:gpt-4o-mini-2024-07-18:'],
];

/**
 * Entries to look up, the most likely first: `azure/gpt-4o`, `openai:gpt-4o`, `models/gemini-…`, `bedrock/anthropic.claude-…`.
 * An unknown provider prefix is not removed: its price for the same model is not known.
 */
export function lookupsFor(
  model: string,
  provider: string | undefined,
  isProvider: (name: string) => boolean,
): ModelName[] {
  const name = model
    .trim()
    .toLowerCase()
    .replace(/^models\//, '');
  const lookups: ModelName[] = [];
  if (provider !== undefined) lookups.push({ provider: providerName(provider), model: name });
  const [, prefix, rest] = /^([^/:]+)[/:](.+)$/.exec(name) ?? [];
  if (prefix !== undefined && rest !== undefined && isProvider(providerName(prefix))) {
    lookups.push({ provider: providerName(prefix), model: rest.replace(/^models\//, '') });
  }
  if (name.includes('/')) lookups.push({ provider: 'openrouter', model: name });
  else lookups.push({ model: name });
  if (BEDROCK.test(name)) lookups.push({ provider: 'aws', model: name });
  if (OPENAI.test(name)) lookups.push({ provider: 'openai', model: withDate(name) });
  return lookups;
}

/** Azure has prices of its own; the price list would read `azure.openai` as OpenAI. */
function providerName(name: string): string {
  const lower = name.toLowerCase();
  return /^(az\.|azure)/.test(lower) ? 'azure' : lower;
}

function withDate(name: string): string {
  return FINE_TUNED.reduce((dated, [base, replacement]) => dated.replace(base, replacement), name);
}

interface ModelEncoding {
  readonly name: EncodingName;
  /** For people: the encoding, and a note if the model's own is another. */
  readonly label: string;
}

const CL100K = /gpt-4(?=$|[-:@])|gpt-3\.?5|text-embedding-/;
const OPENAI_MAKE = /gpt-|codex|text-embedding-|(^|[/.:])o\d/;

/** Other tokenizers are not public: their text is counted by OpenAI's newest encoding, and the label says so. */
export function encodingOf(model: string): ModelEncoding {
  const name = CL100K.test(model.toLowerCase()) ? 'cl100k_base' : 'o200k_base';
  return { name, label: OPENAI_MAKE.test(model.toLowerCase()) ? name : `${name}, not the model's own` };
}
