/** Attributes for everything that begins inside a function, without handing them from call to call. */

import type { PropagatedAttributes } from '../bodies.js';
import { read, type TracingCore } from '../core.js';
import { activeScope, runInScope } from '../scope.js';
import { isOtelSpanInside } from '../start.js';
import { toBaggage } from './baggage.js';
import { runInOtelContext, setOnOtelSpan } from './otel-context.js';
import { mergePropagated, readPropagated } from './propagated.js';

/** What is active gets them as well: the observation with its trace, or OpenTelemetry's span if that lies further inside. */
export function propagateAttributes<R>(
  core: TracingCore,
  attributes: PropagatedAttributes | null | undefined,
  run: () => R,
): R {
  if (core.engine === undefined) return run();
  const scope = activeScope(core.scopes);
  const given = readPropagated(core, attributes);
  const baggage = read(core, attributes, 'asBaggage') === true ? toBaggage(given) : null;
  const added = { ...given, baggage };
  const observation = scope?.observation ?? null;
  observation?.trace.propagate(added);
  if (isOtelSpanInside(core)) setOnOtelSpan(added);
  else observation?.propagate(added);
  const propagated = mergePropagated(scope?.propagated ?? null, added);
  const inside = { observation, otelSpan: scope?.otelSpan, propagated };
  return runInOtelContext(propagated, propagated.baggage, () => runInScope(core.scopes, inside, run));
}
