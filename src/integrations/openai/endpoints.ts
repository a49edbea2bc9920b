/** The paths of OpenAI's API behind which a model is called, and what kind of observation each becomes. */

export interface Endpoint {
  /** The client's property that leads there. The observation's default name ends with it. */
  readonly area: string;
  readonly type: 'generation' | 'embedding';
}

const generation = (area: string): Endpoint => ({ area, type: 'generation' });

/** By the end of the path: services that are compatible have a prefix of their own (`/openai/v1/chat/completions`). */
const ENDPOINTS: readonly (readonly [suffix: string, Endpoint])[] = [
  ['/chat/completions', generation('chat')],
  ['/responses', generation('responses')],
  ['/embeddings', { area: 'embeddings', type: 'embedding' }],
  ['/completions', generation('completions')],
  ['/moderations', generation('moderations')],
  ['/images/generations', generation('images')],
  ['/images/edits', generation('images')],
  ['/images/variations', generation('images')],
  ['/audio/speech', generation('audio')],
  ['/audio/transcriptions', generation('audio')],
  ['/audio/translations', generation('audio')],
  ['/responses/compact', generation('responses')],
];

/** Undefined: no model is called there. */
export function endpointOf(path: unknown): Endpoint | undefined {
  if (typeof path !== 'string') return undefined;
  const query = path.indexOf('?');
  const bare = query === -1 ? path : path.slice(0, query);
  for (const [suffix, endpoint] of ENDPOINTS) if (bare.endsWith(suffix)) return endpoint;
  return undefined;
}

/** A stored response, which a program reads or cancels: `/responses/resp_1`, `/responses/resp_1/cancel`. */
const STORED_RESPONSE = /\/responses\/[^/?]+(\/cancel)?(\?|$)/;

export function isStoredResponse(method: 'get' | 'post', path: unknown): boolean {
  if (typeof path !== 'string') return false;
  const found = STORED_RESPONSE.exec(path);
  return found !== null && (found[1] !== undefined) === (method === 'post');
}
