/** One attempt to send one score. It never throws. */
import type { Destination } from './destination.js';
import type { ScoreEvent } from './queue.js';

/** `again`: nobody knows whether the score has arrived, or the server wants it later. */
export type Outcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'again'; readonly afterMs: number };

const TIMEOUT_MS = 30_000;
/** All bodies under way with `keepalive` have 64 KiB together (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch). */
const MAX_KEEPALIVE_CHARS = 20_000;
/** A server must not silence a page for longer. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * The request begins within the call, and goes on when the page is closed. `navigator.sendBeacon` would do that too, but sends no
 * Authorization header, without which a Langfuse server refuses the request (web/src/features/public-api/server/apiAuth.ts).
 */
export async function post({ url, publicKey }: Destination, event: ScoreEvent): Promise<Outcome> {
  const body = JSON.stringify(publicKey ? { batch: [event] } : event.body);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(publicKey && { authorization: `Bearer ${publicKey}` }),
      },
      body,
      keepalive: body.length < MAX_KEEPALIVE_CHARS,
      // To a login page: the score is for later.
      redirect: 'error',
      // Absent in Safari before 16.
      signal: AbortSignal.timeout?.(TIMEOUT_MS) ?? null,
    });
    return judge(
      response.ok && publicKey ? await statusOfEvent(response) : response.status,
      response.headers,
    );
  } catch {
    return { kind: 'again', afterMs: 0 };
  }
}

/** A batch is answered with a status for each event. Rejects if the answer is no JSON: a page of a proxy has no score. */
async function statusOfEvent(response: Response): Promise<number> {
  const answer = (await response.json()) as { errors?: ({ status?: number } | null)[] } | null;
  return answer?.errors?.[0]?.status ?? 200;
}

function judge(status: number, headers: Headers): Outcome {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  if (status < 500 && ![408, 425, 429].includes(status)) return { kind: 'refused', status };
  // Readable from another origin only if the server exposes it: Langfuse's does not.
  const text = headers.get('retry-after') ?? '';
  const afterMs = Number(text) * 1000 || Date.parse(text) - Date.now() || 0;
  return { kind: 'again', afterMs: Math.min(Math.max(afterMs, 0), MAX_RETRY_AFTER_MS) };
}
