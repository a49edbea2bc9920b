/** A model's name as people write it → where to look for it in the price list, and the encoding that it counts with. */
import type { EncodingName } from './libraries.js';

export interface ModelName {
  /** Undefined: whoever the price list takes for the model's maker. */
  readonly provider?: string;
  readonly model: string;
}

/** `anthropic.claude-…`, `us.amazon.nova-…`: as Bedrock names models. */
const BEDROCK = /^([a-z-]+\.)?(ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen)\./;
/** OpenAI's, though the price list does not tell by the name alone. */
const OPENAI = /^(ft:|text-embedding-|chatgpt-)/;
/** Fine-tuned models without the date of their base: there is one of each. */
const FINE_TUNED: readonly [RegExp, string][] = [
  [/^ft:gpt-4o:/, 'ft:gpt-4o-2024-08-06:'],
  [/^ft:gpt-4o-mini:/, 'ft:gpt-4o-mini-2024-07-18:'],
];

/**
 * Where to look, the likeliest first: `azure/gpt-4o`, `openai:gpt-4o`, `models/gemini-…`, `bedrock/anthropic.claude-…`.
 * A prefix that is no provider of the list is left alone: what somebody else asks for the same model is not known.
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

/** Azure has prices of its own; the price list would take `azure.openai` for OpenAI. */
function providerName(name: string): string {
  const lower = name.toLowerCase();
  return /^(az\.|azure)/.test(lower) ? 'azure' : lower;
}

function withDate(name: string): string {
  return FINE_TUNED.reduce((dated, [base, replacement]) => dated.replace(base, replacement), name);
}

export interface ModelEncoding {
  readonly name: EncodingName;
  /** For a reader: the encoding, and whether the model's own is another. */
  readonly label: string;
}

const CL100K = /gpt-4(?=$|[-:@])|gpt-3\.?5|text-embedding-/;
const OPENAI_MAKE = /gpt-|codex|text-embedding-|(^|[/.:])o\d/;

/** Other makers' tokenizers are not public: theirs is counted by OpenAI's newest, and the label says so. */
export function encodingOf(model: string): ModelEncoding {
  const name = CL100K.test(model.toLowerCase()) ? 'cl100k_base' : 'o200k_base';
  return { name, label: OPENAI_MAKE.test(model.toLowerCase()) ? name : `${name}, not the model's own` };
}
