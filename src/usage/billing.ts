/** Maps usage details with Langfuse's keys to the kinds of tokens that have prices of their own. */
import type { Details } from './details.js';

/** `input` and `output` are all tokens of their side; the others are parts of them. */
export interface BillableTokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** The part of `cacheWrite` that is kept for an hour. */
  readonly cacheWrite1h: number;
  readonly inputAudio: number;
  readonly outputAudio: number;
  readonly outputReasoning: number;
}

type Kind = keyof BillableTokens;

const PARTS: readonly [RegExp, readonly Kind[]][] = [
  [
    /^(input_cached(_tokens)?|(input_)?cache_read(_tokens)?|cache_read_input_tokens)$/,
    ['cacheRead', 'input'],
  ],
  [
    /^(input_)?cache_(creation|write)_(ephemeral_)?1h(_input)?(_tokens)?$/,
    ['cacheWrite1h', 'cacheWrite', 'input'],
  ],
  [/^(input_)?cache_(creation|write)(_(ephemeral_)?5m)?(_input)?(_tokens)?$/, ['cacheWrite', 'input']],
  [/^input_audio(_tokens)?$/, ['inputAudio', 'input']],
  [/^output_audio(_tokens)?$/, ['outputAudio', 'output']],
  [/^output_reasoning(_tokens)?$/, ['outputReasoning', 'output']],
  [/^input(_|$)/, ['input']],
  [/^output(_|$)/, ['output']],
];

/** Undefined if a count belongs to neither side, or if there is only a total. */
export function billableTokens(usage: Details): BillableTokens | undefined {
  const tokens: Record<Kind, number> = {
    input: 0,
    output: 0,
    cacheRead: 0,
    cacheWrite: 0,
    cacheWrite1h: 0,
    inputAudio: 0,
    outputAudio: 0,
    outputReasoning: 0,
  };
  let hasSide = false;
  for (const [key, count] of Object.entries(usage)) {
    if (key === 'total') continue;
    const kinds = PARTS.find(([pattern]) => pattern.test(key))?.[1];
    if (kinds === undefined && count === 0) continue;
    if (kinds === undefined || count < 0) return undefined;
    for (const kind of kinds) tokens[kind] += count;
    hasSide = true;
  }
  return hasSide ? tokens : undefined;
}

export function tokensOf(input: number, output: number): BillableTokens {
  return {
    input,
    output,
    cacheRead: 0,
    cacheWrite: 0,
    cacheWrite1h: 0,
    inputAudio: 0,
    outputAudio: 0,
    outputReasoning: 0,
  };
}
