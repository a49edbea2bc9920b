/** Finds media in a value, in the forms that applications and the APIs of models use, and replaces them. */

import { contentTypeOf } from './content-types.js';
import { isBase64, replaceDataUris } from './data-uri.js';

export interface FoundMedia {
  readonly contentType: string;
  readonly source: 'base64_data_uri' | 'bytes';
  readonly content: Uint8Array;
}

type Members = Readonly<Record<string, unknown>>;

/** Functions that return the replacement of media. Undefined: look into the value. */
export interface Substitutes {
  /** For media that are recognised by their form. Absent: none are. */
  media?: (found: FoundMedia) => string;
  /** For an object as a whole. */
  object(members: Members): string | undefined;
}

/** Deeper values stay as they are. No event is so deep, but the result of masking may be. */
const MAX_DEPTH = 1000;

const CONTENT_TYPE_KEYS = ['contentType', 'mediaType', 'mimeType', 'media_type', 'mime_type'];
/** By `type` of a message's part: the keys that hold base64 (Vercel AI SDK, LangChain, OpenTelemetry). */
const BASE64_KEYS_BY_TYPE = new Map<unknown, readonly string[]>([
  ['base64', ['data']], // Anthropic
  ['file', ['data']],
  ['image', ['image', 'data']],
  ['audio', ['data']],
  ['media', ['data']],
  ['blob', ['content']],
]);

/** Returns a copy with replacements, or the same value if it holds no media. */
export function replaceMedia(value: unknown, substitutes: Substitutes): unknown {
  return visit(value, '', substitutes, MAX_DEPTH);
}

function visit(value: unknown, key: string, substitutes: Substitutes, depthLeft: number): unknown {
  const { media } = substitutes;
  if (typeof value === 'string') return media === undefined ? value : replaceUris(value, media);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || depthLeft === 0)
    return value;
  if (Array.isArray(value)) {
    const visited = value.map((one) => visit(one, '', substitutes, depthLeft - 1));
    return visited.every((one, index) => Object.is(one, value[index])) ? value : visited;
  }
  return visitMembers(value as Members, key, substitutes, depthLeft - 1);
}

function visitMembers(members: Members, key: string, substitutes: Substitutes, depthLeft: number): unknown {
  const whole = substitutes.object(members);
  if (whole !== undefined) return whole;
  const { media } = substitutes;
  const contentType = media && contentTypeOfParts(members, key);
  let isChanged = false;
  const visited = Object.entries(members).map(([name, member]): [string, unknown] => {
    const found =
      contentType === undefined
        ? undefined
        : mediaIn(member, contentType, () => holdsBase64(members, key, name));
    const result =
      found === undefined || media === undefined ? visit(member, name, substitutes, depthLeft) : media(found);
    isChanged ||= !Object.is(result, member);
    return [name, result];
  });
  // Not by assignment, which would call the setter of a key `__proto__`.
  return isChanged ? Object.fromEntries(visited) : members;
}

function replaceUris(text: string, media: NonNullable<Substitutes['media']>): string {
  return replaceDataUris(text, (uri) => media({ ...uri, source: 'base64_data_uri' }));
}

function mediaIn(
  member: unknown,
  contentType: string,
  isDeclaredBase64: () => boolean,
): FoundMedia | undefined {
  if (member instanceof Uint8Array) {
    return member.byteLength === 0 ? undefined : { contentType, source: 'bytes', content: member };
  }
  if (!isDeclaredBase64() || !isBase64(member)) return undefined;
  return { contentType, source: 'base64_data_uri', content: Buffer.from(member, 'base64') };
}

/** The content type that the members of an object declare. */
function contentTypeOfParts(members: Members, key: string): string | undefined {
  // OpenAI
  if (key === 'input_audio') return contentTypeOf(`audio/${members.format ?? 'wav'}`);
  const name = CONTENT_TYPE_KEYS.find((one) => Object.hasOwn(members, one));
  return name === undefined ? undefined : contentTypeOf(members[name]);
}

/** A text beside a content type need not be base64: `{contentType: 'text/plain', content: 'hello'}`. */
function holdsBase64(members: Members, key: string, name: string): boolean {
  // Google, in JavaScript and as on the wire
  if (key === 'input_audio' || key === 'inlineData' || key === 'inline_data') return name === 'data';
  if (members.source_type === 'base64' && name === 'data') return true;
  return BASE64_KEYS_BY_TYPE.get(members.type)?.includes(name) ?? false;
}
