/**
 * What a Langfuse server makes of a whole span, for either of its tables: type, prompt and metadata. Restates parts of
 * Langfuse's packages/shared/src/server/otel/OtelIngestionProcessor.ts and its ObservationTypeMapper.ts.
 */
import type { WireSpan } from './decode.js';
import { type Attributes, metadataOf, plain } from './span-fields.js';
import type { Body, Note } from './types.js';
import { isMeaningful } from './values.js';

/** By which the server knows spans whose attributes it need not keep. */
const OWN_SCOPE = 'langfuse-sdk';

const TYPES = [
  'span',
  'generation',
  'event',
  'embedding',
  'agent',
  'tool',
  'chain',
  'retriever',
  'guardrail',
  'evaluator',
];

/** Its own attribute, or a generation where there is a model; else a span. */
export function typeOf(attributes: Attributes, note: Note): string {
  const given = attributes['langfuse.observation.type'];
  if (isMeaningful(given) && TYPES.includes(String(given))) return String(given);
  const type = isMeaningful(attributes['langfuse.observation.model.name']) ? 'generation' : 'span';
  if (given !== undefined) note('type', `becomes ${type}`);
  return type;
}

/** Only a generation can have one. */
export function promptOf(
  attributes: Attributes,
  type: string,
  note: Note,
): { name: unknown; version: unknown } {
  const [name, version] = ['name', 'version'].map(
    (part) => attributes[`langfuse.observation.prompt.${part}`] ?? attributes[`langfuse.prompt.${part}`],
  );
  if (type === 'generation') return { name: name ?? null, version: version ?? null };
  if (name !== undefined || version !== undefined) note('prompt', 'dropped: not a generation');
  return { name: null, version: null };
}

/** What the server adds to every span's metadata: the resource, the scope, and the attributes of foreign scopes. */
export function addedMetadata({ scope, resource, attributes }: WireSpan, note: Note): Body {
  const named = Object.entries({ name: scope.name, version: scope.version }).filter(
    ([, text]) => text !== undefined,
  );
  const ofScope = { ...Object.fromEntries(named), attributes: plain(scope.attributes) };
  const added = { resourceAttributes: plain(resource), scope: ofScope };
  if (scope.name?.startsWith(OWN_SCOPE)) return added;
  note('metadata.attributes', `the span's attributes are copied there: its scope is ${scope.name}`);
  return { attributes: leftOver(plain(attributes)), ...added };
}

/** Input, output and metadata have a place of their own (`filteredAttributes`). */
function leftOver(attributes: Attributes): Body {
  const subjects = ['langfuse.trace', 'langfuse.observation'];
  const isTaken = (key: string): boolean =>
    subjects.some(
      (subject) =>
        [`${subject}.input`, `${subject}.output`].includes(key) || key.startsWith(`${subject}.metadata`),
    );
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([key]) => !isTaken(key))
      .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** Of the resource: it is every observation's and every trace's. */
export function resourceMetadata({ resource }: WireSpan, note: Note): Body {
  return metadataOf(plain(resource), 'trace', note);
}

export function statusMessageOf(attributes: Attributes, { status }: WireSpan): unknown {
  return attributes['langfuse.observation.status_message'] ?? status.message ?? null;
}

/** Attributes of kinds that a server has no use for become their JSON. */
export function noteForeignTypes({ attributes }: WireSpan, note: Note): void {
  for (const [key, { type }] of attributes) {
    if (['map', 'bytes', 'none', '[]'].includes(type)) note(key, `a value of type ${type} becomes its JSON`);
  }
}
