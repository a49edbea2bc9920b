/**
 * Scores that have not come to their end, in `localStorage` and in memory. Each is an entry of its own, by the score's id: tabs add
 * and remove entries without reading those of others, so that none is lost, and a newer score with the same id takes the place of
 * the older one. Where storage is denied or full, memory has the scores of this page alone.
 */
import type { Page } from './page.js';
import type { ScoreFields } from './score.js';
import { warnOnce } from './warn.js';

/** An event of Langfuse's ingestion API. A repeat has the same ids, and replaces itself. */
export interface ScoreEvent {
  /** Of this call of `score()`: a server does not take an event with the same id twice. */
  readonly id: string;
  readonly type: 'score-create';
  readonly timestamp: string;
  readonly body: ScoreFields;
}

export interface Entry {
  readonly key: string;
  readonly text: string;
  readonly event: ScoreEvent;
}

const PREFIX = 'tailrace-feedback ';
const MAX_ENTRIES = 100;
/** Browsers store some millions for a site: most are left to the application. */
export const MAX_CHARS = 200_000;
const MAX_AGE_MS = 7 * 24 * 3_600_000;

export class FeedbackQueue {
  readonly #page: Page;
  readonly #prefix: string;
  /** Of this page. */
  readonly #own = new Map<string, string>();

  /** @param destination Scores wait for one destination each. */
  constructor(page: Page, destination: string) {
    this.#page = page;
    this.#prefix = `${PREFIX}${destination} `;
  }

  add(event: ScoreEvent): Entry {
    const entry = { key: this.#prefix + event.body.id, text: JSON.stringify(event), event };
    this.#own.set(entry.key, entry.text);
    try {
      this.#page.localStorage?.setItem(entry.key, entry.text);
    } catch {
      // Denied, or full: it stays in memory.
    }
    this.waiting();
    return entry;
  }

  isOwn({ key }: Entry): boolean {
    return this.#own.has(key);
  }

  /** Not if a newer score has taken its place. */
  remove(key: string, text: string): void {
    if (this.#own.get(key) === text) this.#own.delete(key);
    try {
      const { localStorage } = this.#page;
      if (localStorage?.getItem(key) === text) localStorage.removeItem(key);
    } catch {
      // Denied.
    }
  }

  /** The oldest first. Drops what is beyond the bounds, of other destinations too: nobody may come back for it. */
  waiting(): Entry[] {
    const entries = [...this.#all()].map(([key, text]) => ({ key, text, event: eventOf(text) }));
    entries.sort((a, b) => timeOf(b.event) - timeOf(a.event));
    const kept: Entry[] = [];
    let chars = 0;
    for (const { key, text, event } of entries) {
      chars += text.length;
      const isKept = event && kept.length < MAX_ENTRIES && chars <= MAX_CHARS;
      if (isKept && Date.now() - timeOf(event) < MAX_AGE_MS) kept.push({ key, text, event });
      else {
        this.remove(key, text);
        warnOnce({ code: 'TAILRACE_FEEDBACK_DROPPED' });
      }
    }
    return kept.reverse().filter(({ key }) => key.startsWith(this.#prefix));
  }

  #all(): Map<string, string> {
    const all = new Map<string, string>();
    try {
      const { localStorage } = this.#page;
      for (let i = 0; i < (localStorage?.length ?? 0); i++) {
        const key = localStorage?.key(i) ?? '';
        if (key.startsWith(PREFIX)) all.set(key, localStorage?.getItem(key) ?? '');
      }
    } catch {
      // Denied.
    }
    for (const [key, text] of this.#own) {
      // Another tab may have a newer score with this id.
      if (!(timeOf(eventOf(all.get(key))) > timeOf(eventOf(text)))) all.set(key, text);
    }
    return all;
  }
}

/** Undefined: somebody else has written there. */
function eventOf(text: string | undefined): ScoreEvent | undefined {
  try {
    const event = JSON.parse(text ?? '');
    return event.type === 'score-create' && typeof event.body === 'object' ? event : undefined;
  } catch {
    return undefined;
  }
}

const timeOf = (event: ScoreEvent | undefined): number => Date.parse(event?.timestamp ?? '') || 0;
