/** Feedback of users from a web page, as scores: the class that a page uses. */
import { type TailraceFeedbackOptions, toDestination } from './destination.js';
import { page } from './page.js';
import { MAX_CHARS } from './queue.js';
import { type FeedbackScore, fieldsOf, randomId } from './score.js';
import { Sender } from './sender.js';
import { type FeedbackCode, type Problem, warnOnce } from './warn.js';

/** How a call of `score()` ended. */
export type FeedbackResult =
  /** The server has the score. */
  | { readonly status: 'sent'; readonly id: string }
  /** Not yet: it is tried again while the page is open, and at the next visit if the browser has `localStorage`. */
  | { readonly status: 'queued'; readonly id: string }
  /** It is not sent, and not tried again. The console has the reason, under this code. */
  | { readonly status: 'failed'; readonly code: FeedbackCode };

/** One for each destination, however many instances there are: a component may make one each time it renders. */
const senders = new Map<string, Sender>();

interface Recent {
  readonly fields: string;
  readonly atMs: number;
  readonly result: Promise<FeedbackResult>;
}

/** The last score of each name and target. */
const recent = new Map<string, Recent>();

/** A double click is one click, and an effect that React runs twice is one effect. */
const SAME_CLICK_MS = 1_000;

/**
 * Sends feedback of users from a web page as scores of Langfuse. It needs the project's public key and nothing else.
 *
 * Scores are sent at once, also if the page is closed in the next moment. What cannot be sent waits in `localStorage` (at most 100
 * scores, 200,000 characters, 7 days). On a server, where a framework renders the page for the first time, it does nothing.
 *
 * No call throws, and no promise rejects. What is wrong is said in the console, once, with a stable code.
 *
 * @example
 * const feedback = new TailraceFeedback({ publicKey: 'pk-lf-…', baseUrl: 'https://cloud.langfuse.com' });
 * thumbUp.onclick = () => feedback.score({ traceId, name: 'thumbs', value: true });
 */
export class TailraceFeedback {
  readonly #sender: Sender | undefined;
  readonly #environment: string | undefined;
  readonly #problem: Problem | undefined;
  readonly #name: string = '';

  constructor(options: TailraceFeedbackOptions) {
    try {
      const destination = toDestination(options);
      if ('code' in destination) this.#problem = destination;
      else {
        this.#environment = options.environment;
        this.#name = `${destination.url} ${destination.publicKey ?? ''}`;
        this.#sender = senderOf(destination, this.#name);
      }
    } catch {
      this.#problem = { code: 'TAILRACE_FEEDBACK_OPTION', detail: 'the options cannot be read' };
    }
    if (this.#problem) warnOnce(this.#problem);
    else if (!this.#sender) this.#problem = { code: 'TAILRACE_FEEDBACK_NO_PAGE' };
  }

  /**
   * Sends a score of a trace, of an observation in it, or of a session.
   *
   * A score with the `id` of an earlier one replaces it. The same score again within a second counts as the same click.
   *
   * @returns how the first attempt ended. It never rejects, and need not be awaited.
   *
   * @example
   * const { status } = await feedback.score({ traceId, id: `${traceId}-thumbs`, name: 'thumbs', value: false, comment });
   */
  score(score: FeedbackScore): Promise<FeedbackResult> {
    try {
      return this.#score(score);
    } catch {
      return failed({ code: 'TAILRACE_FEEDBACK_INVALID', detail: 'a field cannot be read' });
    }
  }

  #score(score: FeedbackScore): Promise<FeedbackResult> {
    if (!this.#sender) return failed(this.#problem as Problem);
    const body = fieldsOf(score, this.#environment);
    if (typeof body === 'string') return failed({ code: 'TAILRACE_FEEDBACK_INVALID', detail: body });
    const fields = JSON.stringify(body);
    if (fields.length > MAX_CHARS / 2) {
      return failed({ code: 'TAILRACE_FEEDBACK_INVALID', detail: 'it has more than 100,000 characters' });
    }
    const { traceId, observationId, sessionId, name } = body;
    const subject = [this.#name, traceId, observationId, sessionId, name].join();
    const nowMs = Date.now();
    for (const [key, { atMs }] of recent) if (Math.abs(nowMs - atMs) > SAME_CLICK_MS) recent.delete(key);
    const last = recent.get(subject);
    if (last?.fields === fields) return last.result;
    const result = send(this.#sender, fields);
    recent.set(subject, { fields, atMs: nowMs, result });
    return result;
  }
}

async function send(sender: Sender, fields: string): Promise<FeedbackResult> {
  // A copy of its own: metadata may change while the score waits.
  const body = JSON.parse(fields);
  const id = (body.id ??= randomId());
  const timestamp = new Date().toISOString();
  const outcome = await sender.send({ id: randomId(), type: 'score-create', timestamp, body });
  if (outcome.kind === 'refused') return { status: 'failed', code: 'TAILRACE_FEEDBACK_REFUSED' };
  return { status: outcome.kind === 'sent' ? 'sent' : 'queued', id };
}

async function failed(problem: Problem): Promise<FeedbackResult> {
  warnOnce(problem);
  return { status: 'failed', code: problem.code };
}

function senderOf(
  destination: { url: string; publicKey?: string | undefined },
  name: string,
): Sender | undefined {
  const here = page();
  if (here === undefined) return undefined;
  const sender = senders.get(name) ?? new Sender(here, destination, name);
  senders.set(name, sender);
  return sender;
}
