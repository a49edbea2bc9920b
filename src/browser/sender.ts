/** When scores of one destination are sent: at once, and again with back-off, when the browser is online again, and at the next visit. */
import type { Destination } from './destination.js';
import type { Page } from './page.js';
import { type Outcome, post } from './post.js';
import { type Entry, FeedbackQueue, type ScoreEvent } from './queue.js';
import { warnOnce } from './warn.js';

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 300_000;

export class Sender {
  readonly #page: Page;
  readonly #destination: Destination;
  readonly #name: string;
  readonly #queue: FeedbackQueue;
  /** Ids of events that are under way, or have come to their end. */
  readonly #taken = new Set<string>();
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The server wants nothing earlier. */
  #notBeforeMs = 0;

  constructor(page: Page, destination: Destination, name: string) {
    this.#page = page;
    this.#destination = destination;
    this.#name = name;
    this.#queue = new FeedbackQueue(page, name);
    const leave = () => {
      if (page.document.visibilityState === 'hidden') this.#lastChance();
    };
    // A closed tab has both; a telephone may end a hidden page without a word, and older versions of Safari have only the second.
    page.addEventListener('visibilitychange', leave, true);
    page.addEventListener('pagehide', leave, true);
    page.addEventListener(
      'online',
      () => {
        this.#failures = 0;
        this.#sendWaiting();
      },
      true,
    );
    this.#sendWaiting();
  }

  /** The request begins within the call: the page may be gone in the next moment. */
  async send(event: ScoreEvent): Promise<Outcome> {
    const entry = this.#queue.add(event);
    if (Date.now() < this.#notBeforeMs) {
      this.#later();
      return { kind: 'again', afterMs: 0 };
    }
    const outcome = await this.#attempt(entry);
    // The server is back for the others too.
    if (outcome.kind === 'sent' && this.#timer !== undefined) this.#sendWaiting();
    return outcome;
  }

  async #attempt({ key, text, event }: Entry): Promise<Outcome> {
    this.#taken.add(event.id);
    const outcome = await post(this.#destination, event);
    if (outcome.kind === 'again') {
      this.#taken.delete(event.id);
      this.#notBeforeMs = Math.max(this.#notBeforeMs, Date.now() + outcome.afterMs);
      this.#later();
      return outcome;
    }
    this.#failures = 0;
    this.#queue.remove(key, text);
    if (outcome.kind === 'refused') warnOnce({ code: 'TAILRACE_FEEDBACK_REFUSED', detail: outcome.status });
    return outcome;
  }

  #waiting(): Entry[] {
    return this.#queue.waiting().filter(({ event }) => !this.#taken.has(event.id));
  }

  #later(): void {
    if (this.#timer !== undefined) return;
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures++, MAX_BACKOFF_MS);
    const delayMs = backoffMs * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#sendWaiting(), Math.max(delayMs, this.#notBeforeMs - Date.now()));
  }

  /** One tab does it for all where the browser has locks. Elsewhere several may send a score: it replaces itself. */
  #sendWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting().length === 0) return;
    if (Date.now() < this.#notBeforeMs) {
      this.#later();
      return;
    }
    const each = () => this.#sendEach();
    const locks = this.#page.navigator?.locks;
    if (locks === undefined) {
      each();
      return;
    }
    const ifFree = async (lock: unknown) => (lock ? each() : this.#later());
    // Refused in a sandboxed frame.
    locks.request(this.#name, { ifAvailable: true }, ifFree).catch(each);
  }

  async #sendEach(): Promise<void> {
    let next: Entry | undefined;
    // Read anew each time: other tabs send theirs meanwhile.
    while ((next = this.#waiting()[0]) !== undefined) {
      if ((await this.#attempt(next)).kind === 'again') return;
    }
  }

  /** Of this page alone: what is in storage is sent at the next visit, and by other tabs. */
  #lastChance(): void {
    if (Date.now() < this.#notBeforeMs) return;
    for (const entry of this.#waiting()) if (this.#queue.isOwn(entry)) this.#attempt(entry);
  }
}
