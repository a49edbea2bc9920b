/**
 * What the events hold. The strings are made beforehand, flat and different from each other, as they come out of an
 * HTTP response; the objects around them are made anew for each event, within the measured call, as an application
 * makes them. An event carries its number in its name and in its output, for the sink.
 */
import { existsSync, readFileSync } from 'node:fs';

/** Different texts per workload: so many at least, and so many bytes that gzip's window never holds the same twice. */
const MIN_POOL = 32;
const MIN_POOL_BYTES = 128 * 1024;
const AGENT_RUNS = new URL('../../../shared/data/airline-agent-runs.jsonl', import.meta.url);

/** Two payload fields of `bytes` bytes of UTF-8 each. */
export function syntheticPayloads(bytes, script) {
  const poolSize = Math.max(MIN_POOL, Math.ceil(MIN_POOL_BYTES / bytes));
  const vocabulary = wordsOf(script, createRandom(0));
  const texts = Array.from({ length: poolSize }, (_, i) => textOf(bytes, vocabulary, createRandom(i + 1)));
  const half = poolSize >> 1;
  return {
    poolSize,
    traceEvery: () => false,
    input: (i) => [{ role: 'user', content: texts[i % poolSize] }],
    output: (i) => ({ role: 'assistant', id: `#o${i};`, content: texts[(i + half) % poolSize] }),
  };
}

export const hasAgentRuns = () => existsSync(AGENT_RUNS);

/** Recorded conversations: each assistant message is a generation, its input all that was said before it. */
export function agentRunPayloads() {
  const turns = readFileSync(AGENT_RUNS, 'utf8')
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => {
      const { messages } = JSON.parse(line);
      return messages.flatMap((message, at) =>
        message.role === 'assistant' ? [{ messages, at, first: false }] : [],
      );
    });
  for (const [i, turn] of turns.entries()) turn.first = turns[i - 1]?.messages !== turn.messages;
  const turn = (i) => turns[i % turns.length];
  return {
    poolSize: turns.length,
    traceEvery: (i) => turn(i).first,
    input: (i) => turn(i).messages.slice(0, turn(i).at),
    output: (i) => ({ ...turn(i).messages[turn(i).at], id: `#o${i};` }),
  };
}

/** Letters by about their frequency, so that gzip finds what it finds in prose; the same text in every run. */
const LETTERS = {
  ascii:
    'eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddlllluuucccmmmwwwffggyyppbbvk',
  cjk: '的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天',
};
const VOCABULARY = 600;
const WORDS_PER_LINE = 18;

function textOf(bytes, vocabulary, random) {
  const words = [];
  for (let length = 0; length < bytes; length += Buffer.byteLength(words.at(-1)) + 1) {
    // Squared: few words are frequent, most are rare.
    const word = vocabulary[Math.floor(random() ** 2 * VOCABULARY)];
    words.push(words.length % WORDS_PER_LINE === WORDS_PER_LINE - 1 ? `${word}.\n` : word);
  }
  // Through a Buffer: flat strings, as they come out of an HTTP response. Cut at a whole character, filled up.
  const cut = Buffer.from(words.join(' '))
    .subarray(0, bytes)
    .toString()
    .replace(/\ufffd+$/, '');
  return Buffer.from(cut.padEnd(cut.length + bytes - Buffer.byteLength(cut), '.')).toString();
}

function wordsOf(script, random) {
  const letters = LETTERS[script];
  return Array.from({ length: VOCABULARY }, () => {
    const length = script === 'cjk' ? 1 + Math.floor(random() * 3) : 2 + Math.floor(random() * 8);
    return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
  });
}

/** A linear congruential generator: Math.random() cannot be seeded. */
function createRandom(seed) {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
