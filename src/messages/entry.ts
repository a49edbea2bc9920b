/** The form of an entry in the table of messages. */

/** `error`: events are lost, or none is sent. `warning`: something to know or to change. */
export type Level = 'error' | 'warning' | 'info' | 'debug';

/** A section of the documentation, by its subject. test/support/messages-readme.ts knows where each is. */
export type Section =
  | 'clients'
  | 'context'
  | 'delivery'
  | 'edge'
  | 'endpoints'
  | 'exit'
  | 'exporters'
  | 'feedback'
  | 'handles'
  | 'integrations'
  | 'large-events'
  | 'listeners'
  | 'masking'
  | 'media'
  | 'opentelemetry'
  | 'options'
  | 'retries'
  | 'scores'
  | 'spool'
  | 'threads'
  | 'usage'
  | 'worker';

export interface Entry {
  readonly level: Level;
  /**
   * Says what happened, and to what. Arguments are plain; those that come from outside have passed `shared/untrusted-text`.
   * Never a payload or a key.
   */
  readonly text: (...args: never[]) => string;
  /** Says what to do, without a full stop at the end. Absent: nothing has to be done, or the text itself says it. */
  readonly remedy?: string;
  readonly docs: Section;
}

export type Table = Readonly<Record<`TAILRACE_${string}`, Entry>>;
