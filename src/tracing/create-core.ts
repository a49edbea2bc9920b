/** Creates the state that all handles of a client share: from its options, with an engine of its own or attached to another thread's. */

import { resolveConfig } from '../config/client-config.js';
import type { TailraceOptions } from '../config/options/client.js';
import { message } from '../messages/message.js';
import { attachToEngine } from '../producer/engine.js';
import { createNotifier } from '../producer/messages/notifier.js';
import { joinEngine } from '../producer/shared-engines.js';
import { queueMicrotask } from '../shared/runtime/real-time.js';
import { VERSION } from '../shared/version.js';
import type { TailraceClient } from './api.js';
import { Attachment } from './attachment.js';
import { createCallEvents } from './call-events.js';
import { createScopeOwner, type TracingCore } from './core.js';
import { createOpenHandles, writeAll, writeQuiet } from './open-handles.js';

export function createCore(client: TailraceClient, options: TailraceOptions | Attachment): TracingCore {
  const attachment = isAttachment(options) ? options : undefined;
  const config = attachment?.config ?? resolveConfig(options as TailraceOptions, process.env, VERSION);
  const notifier = createNotifier(config.logLevel, config.logger);
  const noop = {
    client,
    config,
    notifier,
    calls: createCallEvents(notifier),
    engine: undefined,
    open: createOpenHandles(config.maxOpen, config.maxOpenAgeMs, config.flushIntervalMs),
    scopes: createScopeOwner(),
    updateTimes: new Map<number, number>(),
    get noop() {
      return this;
    },
  };
  const work = {
    writeQuiet: () => writeQuiet(noop.open),
    writeAll: (reason: string) => writeAll(noop.open, reason),
  };
  const engine =
    (config.engine && joinEngine(config.engine, notifier, work)) ??
    (attachment?.engine && attachToEngine(attachment.engine, notifier, work)) ??
    undefined;
  // Not in this call: listeners can only be added after the constructor.
  for (const problem of config.problems)
    queueMicrotask(() => notifier.warning(message('TAILRACE_OPTION', problem)));
  for (const fault of config.faults)
    queueMicrotask(() => notifier.error(message('TAILRACE_NOTHING_SENT', fault), { events: 0 }));
  return { ...noop, engine, noop };
}

/** The options come from the application: at a revoked proxy, `instanceof` throws. */
function isAttachment(options: TailraceOptions | Attachment): options is Attachment {
  try {
    return options instanceof Attachment;
  } catch {
    return false;
  }
}
