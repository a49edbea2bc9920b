/** One line for each trace and observation that arrives: for people, or as JSON. Their texts are hostile: none moves the cursor. */

import { printableName } from '../../shared/untrusted-text/printable.js';
import type { ArrivedObservation, ArrivedTrace } from '../../viewer/data/arrivals.js';
import type { Paint } from '../terminal.js';
import { clockText, costText, durationText, tokensText } from './figures.js';

export interface ArrivalPrinter {
  trace(trace: ArrivedTrace): void;
  observation(observation: ArrivedObservation): void;
}

const MAX_NAME_CHARS = 60;
const MAX_TEXT_CHARS = 200;
const SHORT_ID_CHARS = 8;
const TYPE_WIDTH = 10;

export function createLinePrinter(print: (line: string) => void, paint: Paint, columns = 80): ArrivalPrinter {
  return {
    trace({ id, name, startUs, userId, sessionId }) {
      const context = [userId, sessionId]
        .filter((text) => text !== null)
        .map((text) => printableName(text, MAX_NAME_CHARS));
      const title = printableName(name ?? 'unnamed trace', MAX_NAME_CHARS);
      const more = [printableName(id), ...context].join('  ');
      print(
        `${paint('dim', clockText(startUs))} ${shortId(id, paint)} ${paint('cyan', 'trace'.padEnd(TYPE_WIDTH))} ${paint('bold', title)}  ${paint('dim', more)}`,
      );
    },
    observation(observation) {
      const { traceId, type, name, startUs, level, status, output } = observation;
      const title = printableName(name ?? 'unnamed', MAX_NAME_CHARS);
      const figures = figuresOf(observation);
      const said =
        level === 'DEFAULT' ? '' : `${level}${status ? `: ${printableName(status, MAX_TEXT_CHARS)}` : ''}`;
      const head = [
        clockText(startUs),
        shortIdText(traceId),
        type.toLowerCase().padEnd(TYPE_WIDTH),
        title,
        figures,
        said,
      ];
      const room = columns - 1 - head.filter((text) => text !== '').join(' ').length - 2;
      const text = room > 8 && output !== null ? printableName(output, room - 1) : '';
      const parts = [
        paint('dim', clockText(startUs)),
        shortId(traceId, paint),
        type.toLowerCase().padEnd(TYPE_WIDTH),
        level === 'ERROR' ? paint('red', title) : title,
        figures && paint('dim', figures),
        said && paint(level === 'ERROR' ? 'red' : 'dim', said),
        text && paint('dim', text),
      ];
      print(parts.filter((part) => part !== '').join(' '));
    },
  };
}

function figuresOf({ durationUs, tokens, cost }: ArrivedObservation): string {
  return [durationText(durationUs), tokensText(tokens), costText(cost)]
    .filter((text) => text !== '')
    .join(' · ');
}

function shortIdText(id: string): string {
  return printableName(id).slice(0, SHORT_ID_CHARS).padEnd(SHORT_ID_CHARS);
}

/** The beginning of the trace's id, by which `tailrace show` finds it. */
function shortId(id: string, paint: Paint): string {
  return paint('dim', shortIdText(id));
}

/** JSON escapes control characters below space; the others are escaped here, as a terminal may read them all the same. */
export function jsonPrinter(print: (line: string) => void): ArrivalPrinter {
  const line = (value: object) => print(safeJson(value));
  return {
    trace: ({ startUs, ...trace }) => line({ kind: 'trace', ...trace, startTime: isoTime(startUs) }),
    observation: ({ startUs, durationUs, ...observation }) =>
      line({
        kind: 'observation',
        ...observation,
        startTime: isoTime(startUs),
        durationMs: durationUs === null ? null : durationUs / 1000,
      }),
  };
}

export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function isoTime(us: number): string {
  return new Date(Math.floor(us / 1000)).toISOString();
}
