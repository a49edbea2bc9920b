/** Writes a message where nobody listens: to the application's logger, else to the console. */
import type { Message } from '../../messages/message.js';
import { logLine } from '../../messages/render.js';
import { type Logger, type MessageLevel, methodFor } from '../../shared/log-options.js';

/** Never throws. A line that the logger does not take, now or in its promise, is written to the console. */
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
    // biome-ignore lint/suspicious/noConsole: the one place where the library speaks when nobody listens
    console[level](line);
  } catch {
    // An application may have replaced it.
  }
}
