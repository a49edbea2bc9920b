/** How an integration reports through a client, which may be of another copy of this package. */
import type { WarningMessage } from '../messages/message.js';

/** A protocol between versions: clients since 0.2.0 have the method. */
export const REPORT: unique symbol = Symbol.for('tailrace.report/1') as never;

export interface Reporting {
  /** Reports the first warning of a topic, as the client reports its own: to listeners, else to the logger or the console. */
  [REPORT](warning: WarningMessage, topic: string): void;
}
