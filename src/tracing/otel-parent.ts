/** The span that OpenTelemetry's API says is active, found without importing it: it registers itself on the global object. */
import type { ParentContext } from './bodies.js';

/** `@opentelemetry/api`: internal/global-utils (major version 1), trace/context-utils; both are what joins its copies. */
const API = Symbol.for('opentelemetry.js.api.1');
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');

interface OtelApi {
  readonly context?: { active(): { getValue(key: symbol): unknown } };
}

interface OtelSpan {
  spanContext(): ParentContext;
}

/** Undefined where there is none, or no OpenTelemetry. */
export function activeOtelSpan(): unknown {
  try {
    return (globalThis as { [API]?: OtelApi })[API]?.context?.active().getValue(SPAN);
  } catch {
    return undefined;
  }
}

export function contextOfOtelSpan(span: unknown): ParentContext | undefined {
  try {
    return (span as OtelSpan).spanContext();
  } catch {
    return undefined;
  }
}
