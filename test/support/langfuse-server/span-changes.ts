/** Which token counts and amounts of a span a server leaves out: the schemas of its events decide. */
import type { WireSpan } from './decode.js';
import { detailsOf, plain } from './span-fields.js';
import type { Note } from './types.js';
import { usageDetails } from './usage-schemas.js';

export function noteDetails(span: WireSpan, note: Note): void {
  const attributes = plain(span.attributes);
  const usage = detailsOf(attributes, 'langfuse.observation.usage_details', note);
  const kept = usageDetails.safeParse(usage).data ?? {};
  noteMembers('usageDetails', usage, (key, value) => kept[key] === value, note);
  const cost = detailsOf(attributes, 'langfuse.observation.cost_details', note);
  noteMembers('costDetails', cost, (_, value) => typeof value === 'number' && value >= 0, note);
}

function noteMembers(
  field: string,
  details: Readonly<Record<string, unknown>>,
  isKept: (key: string, value: unknown) => boolean,
  note: Note,
): void {
  const lost = Object.entries(details).filter(([key, value]) => !isKept(key, value));
  if (lost.length > 0) note(field, `stored without or otherwise: ${lost.map(([key]) => key).join(', ')}`);
}
