/** Shows what a forwarder does: one line that is rewritten on a terminal, JSON lines for anything else. */
import type { Lag } from '../../forward/contract.js';
import { type ForwardCounts, totalOf } from '../../forward/counts.js';
import type { Forwarder } from '../../forward/forwarder.js';

export interface Rates {
  /** A second. */
  readonly events: number;
  readonly entries: number;
}

/** Rates between calls. */
export function createRates(counts: ForwardCounts, now: () => number): () => Rates {
  const look = () => ({ at: now(), events: totalOf(counts, 'delivered'), entries: counts.entries });
  let last = look();
  return () => {
    const next = look();
    const seconds = Math.max(0.001, (next.at - last.at) / 1000);
    const rates = {
      events: (next.events - last.events) / seconds,
      entries: (next.entries - last.entries) / seconds,
    };
    last = next;
    return rates;
  };
}

export function progressText(
  { counts, held, isTroubled }: Forwarder,
  lag: Lag | undefined,
  rates: Rates,
): string {
  const waiting = lag?.streams.reduce((sum, { entries }) => sum + entries, 0);
  return [
    `${whole(rates.events)} events/s`,
    `${whole(totalOf(counts, 'delivered'))} delivered`,
    waiting === undefined ? '' : `${whole(waiting)} entries waiting`,
    lag === undefined || lag.oldestMs < 1000 ? '' : `oldest ${Math.round(lag.oldestMs / 1000)} s`,
    `${held()} in work`,
    lag === undefined || lag.dead === 0 ? '' : `${whole(lag.dead)} dead`,
    isTroubled('source') ? 'source away' : '',
    isTroubled('target') ? 'target away' : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

export function jsonLine(
  kind: 'forwarding' | 'ended',
  { counts, held, isTroubled }: Forwarder,
  lag: Lag | undefined,
  rates: Rates | undefined,
): string {
  const { lanes, ...others } = counts;
  return JSON.stringify({
    kind,
    time: new Date().toISOString(),
    delivered: totalOf(counts, 'delivered'),
    refused: totalOf(counts, 'refused'),
    skipped: totalOf(counts, 'skipped'),
    ...others,
    lanes: Object.fromEntries(lanes),
    held: held(),
    ...(rates && {
      eventsPerSecond: Math.round(rates.events * 10) / 10,
      entriesPerSecond: Math.round(rates.entries * 10) / 10,
    }),
    ...(lag && { streams: lag.streams, dead: lag.dead, oldestMs: lag.oldestMs }),
    sourceUp: !isTroubled('source'),
    targetUp: !isTroubled('target'),
  });
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
