/** Spans of one trace for tests of the model, and what it says of them. */
import { type Server, type ServerVersion, serverOf } from './index.js';
import { otlpRequest, type SpanSpec, TRACE } from './requests.js';

export const ROOT = '00f067aa0ba902b7';
export const CHILD = '00f067aa0ba902b8';

export const tracesOf = (version: ServerVersion, ...requests: SpanSpec[][]) =>
  serverOf(
    version,
    requests.map((spans) => otlpRequest(spans)),
  ).traces.get(TRACE);
export const span = (attributes: Record<string, unknown>, rest: Partial<SpanSpec> = {}): SpanSpec => ({
  id: ROOT,
  attributes,
  ...rest,
});
export const child = (attributes: Record<string, unknown>, rest: Partial<SpanSpec> = {}): SpanSpec =>
  span(attributes, { id: CHILD, parentId: ROOT, ...rest });
export const named = (name: string, more: Record<string, unknown> = {}) => ({
  'langfuse.trace.name': name,
  ...more,
});
export const observationOf = (version: ServerVersion, attributes: Record<string, unknown>) =>
  serverOf(version, [otlpRequest([span(attributes)])]).observations.get(ROOT);
export const whyOf = ({ changed }: Server, field: string) =>
  changed.filter((one) => one.field === field).map(({ why }) => why);
