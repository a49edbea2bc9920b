/** What push() costs the application's thread, against JSON.stringify of the same event. */
import { createEngine } from '../../dist/esm/engine.js';
import { measureInTurns } from './measure.js';

const SIZES = { '300 B': 300, '2 KB': 2_000, '20 KB': 20_000 };
/** Events between two drains: well within the default ring at every size. */
const ROUND = 200;

export async function measurePush(sinkUrl) {
  const engine = createEngine({
    exporter: { url: new URL('./push-exporter.js', import.meta.url), options: { url: sinkUrl } },
    compression: 'none',
  });
  const rows = [];
  for (const [size, bytes] of Object.entries(SIZES)) {
    for (const [script, character] of [
      ['ASCII', 'a'],
      ['CJK', '漢'],
    ]) {
      rows.push({ event: `${size} ${script}`, ...(await measure(engine, eventOf(bytes, character))) });
    }
  }
  return { rows, ...(await engine.shutdown()) };
}

async function measure(engine, event) {
  let sum = 0;
  const { nanos, ratio } = await measureInTurns(
    {
      push: { once: () => engine.push(event), drain: () => engine.flush() },
      json: {
        once: () => {
          sum += JSON.stringify(event).length;
        },
      },
    },
    ROUND,
  );
  if (sum === 0) throw new Error('JSON.stringify was optimised away');
  return {
    'push, ns': Math.round(nanos.push),
    'JSON.stringify, ns': Math.round(nanos.json),
    'push / JSON.stringify': ratio('push', 'json').toFixed(2),
  };
}

/** A generation as an application has it, with two payload fields that make up most of `bytes`. */
function eventOf(bytes, character) {
  const half = Math.floor(bytes / 2 / Buffer.byteLength(character));
  return {
    id: 'f00dfeedf00dfeed',
    name: 'answer',
    model: 'gpt-4o',
    startTime: 1_700_000_000_000.5,
    input: [{ role: 'user', content: character.repeat(half) }],
    output: { role: 'assistant', content: character.repeat(half) },
  };
}
