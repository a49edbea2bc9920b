/** The workloads by name: what an event holds, and at which pace events come. */
import { compressionOf, textPayloads } from './payloads.js';
import { agentRunPayloads, hasAgentRuns } from './recorded.js';

/**
 * Fifty events in 5 ms are 10,000 a second. At 2 KB (two fields each) that is 40 MB/s, which is about what two cores
 * that also run the sink can carry; so 20 KB and 200 KB come at the same rate in bytes, not in events.
 */
const SIZES = {
  '300B': { bytes: 300, perTick: 50, tickMs: 5 },
  '2KB': { bytes: 2_000, perTick: 50, tickMs: 5 },
  '20KB': { bytes: 20_000, perTick: 5, tickMs: 5 },
  '200KB': { bytes: 200_000, perTick: 1, tickMs: 10 },
};
const LANGUAGES = ['english', 'cjk'];
const AGENT_RUNS = 'agent-runs';

export function workloadNames() {
  const bySize = LANGUAGES.flatMap((language) => Object.keys(SIZES).map((size) => `${size}-${language}`));
  return hasAgentRuns() ? [...bySize, AGENT_RUNS] : bySize;
}

/** @returns {{bytes?: number, perTick: number, tickMs: number}} how its events come */
export function paceOf(name) {
  return name === AGENT_RUNS ? { perTick: 10, tickMs: 5 } : sizeOf(name);
}

export function payloadsOf(name) {
  return name === AGENT_RUNS ? agentRunPayloads() : textPayloads(sizeOf(name).bytes, name.split('-')[1]);
}

/** Where a workload's text is from, and how far it can be compressed: without that no figure with gzip means anything. */
export function describeWorkload(name) {
  const isRecorded = hasAgentRuns() && !name.endsWith('cjk');
  return { text: isRecorded ? 'recorded' : 'made up', compression: compressionOf(payloadsOf(name)) };
}

/** The bytes of one payload field; undefined for recorded conversations, where they differ. */
export const bytesOf = (name) => paceOf(name).bytes;

function sizeOf(name) {
  const [size, language] = name.split('-');
  if (SIZES[size] === undefined || !LANGUAGES.includes(language)) {
    throw new RangeError(`a workload must be one of ${workloadNames().join(', ')}, but got: ${name}`);
  }
  return SIZES[size];
}
