/** Writes a message without a listener to the application's logger, else to the console. */

import { type MessageLevel, methodFor } from '../../config/log-options.js';
import type { Logger } from '../../config/option-types.js';
import type { Message } from '../../messages/message.js';
import { logLine } from '../../messages/render.js';

/** Never throws. If the logger throws or rejects, the line is written to the console. */
export function writeLine(logger: Logger | undefined, level: MessageLevel, message: Message): void {
  const line = logLine(message);
  if (logger === undefined) {
    writeToConsole(level, line);
    return;
  }
  try {
    const method = methodFor(logger, level);
    if (method === undefined) throw new TypeError('the logger has lost its methods');
    const written = logger[method]?.(line);
    if (typeof (written as PromiseLike<unknown> | undefined)?.then !== 'function') return;
    Promise.resolve(written).catch(() => writeToConsole(level, line));
  } catch {
    writeToConsole(level, line);
  }
}

/** Never throws. */
export function writeToConsole(level: MessageLevel, line: string): void {
  try {
    // biome-ignore lint/suspicious/noConsole: the only place where the library writes to the console
    console[level](line);
  } catch {
    // An application may have replaced the console.
  }
}
