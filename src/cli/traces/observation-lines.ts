/** One observation in full, for people: its figures, input, output and metadata. */

import { printable, printableName } from '../../shared/untrusted-text/printable.js';
import type { ObservationDetail, PayloadView } from '../../viewer/data/details.js';
import type { TraceDetail } from '../../viewer/data/trace.js';
import type { Paint } from '../terminal.js';
import { costText, durationText, tokensText } from './figures.js';

/** A longer JSON text is not laid out. */
const MAX_LAID_OUT_CHARS = 1024 * 1024;

export function observationLines(
  { observations }: TraceDetail,
  id: string,
  detail: ObservationDetail,
  paint: Paint,
): string[] {
  const row = observations.id.indexOf(id);
  const level = observations.level[row] ?? 'DEFAULT';
  const facts: [string, string | null][] = [
    ['type', (observations.type[row] ?? '').toLowerCase()],
    ['duration', durationText(observations.durationUs[row] ?? null)],
    ['model', observations.model[row] ?? null],
    ['tokens', tokensText(observations.tokens[row] ?? null)],
    ['cost', costText(observations.cost[row] ?? null)],
    ['level', level === 'DEFAULT' ? null : level],
    ['status', detail.statusMessage],
    ['version', detail.version],
    ['parameters', json(detail.modelParameters)],
    ['usage', json(detail.usageDetails)],
    ['costs', json(detail.costDetails)],
    ['prompt', detail.promptName && `${detail.promptName} (version ${detail.promptVersion})`],
  ];
  const name = printableName(observations.name[row] ?? 'unnamed', 200);
  return [
    paint('bold', name),
    paint('dim', printableName(id, 200)),
    ...facts.flatMap(([label, value]) => {
      if (value === null || value === '') return [];
      const shown = printableName(value, 1000);
      const isFailure = level === 'ERROR' && (label === 'level' || label === 'status');
      return [`${label.padEnd(12)}${isFailure ? paint('red', shown) : shown}`];
    }),
    ...payloadLines('input', detail.input, paint),
    ...payloadLines('output', detail.output, paint),
    ...payloadLines('metadata', detail.metadata, paint),
  ];
}

function payloadLines(label: string, payload: PayloadView | null, paint: Paint): string[] {
  if (payload === null) return [];
  const rest = payload.length - payload.text.length;
  return [
    '',
    paint('bold', label),
    printable(laidOut(payload.text)),
    ...(rest > 0 ? [paint('dim', `… ${rest.toLocaleString('en')} more characters`)] : []),
  ];
}

function laidOut(text: string): string {
  if (text.length > MAX_LAID_OUT_CHARS || !/^[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function json(value: object | null): string | null {
  return value === null || Object.keys(value).length === 0 ? null : JSON.stringify(value);
}
