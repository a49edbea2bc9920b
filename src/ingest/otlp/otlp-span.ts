/** The result of both OTLP decoders (protobuf and JSON): spans, each with its resource and scope. */

export type AttributeValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | AttributeValue[]
  | { [key: string]: AttributeValue };

/** A Map, because keys come from outside: `__proto__` is a key like any other. */
export type Attributes = Map<string, AttributeValue>;

export interface OtlpResource {
  attributes: Attributes;
}

export interface OtlpScope {
  name: string;
  version: string;
  attributes: Attributes;
}

export interface OtlpEvent {
  timeUnixNano: bigint;
  name: string;
  attributes: Attributes;
}

export interface OtlpLink {
  traceId: string;
  spanId: string;
  traceState: string;
  attributes: Attributes;
}

export interface OtlpSpan {
  resource: OtlpResource;
  scope: OtlpScope;
  /** 32 lower-case hex digits. */
  traceId: string;
  /** 16 lower-case hex digits. */
  spanId: string;
  /** 16 lower-case hex digits, or empty for a root span. */
  parentSpanId: string;
  traceState: string;
  name: string;
  kind: number;
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  attributes: Attributes;
  events: OtlpEvent[];
  links: OtlpLink[];
  status: { code: number; message: string };
}

/** OTLP's `STATUS_CODE_ERROR`. */
export const STATUS_CODE_ERROR = 2;

/** A request whose bytes are well-formed but whose content OTLP forbids. */
export class OtlpError extends Error {}

export class InvalidId extends OtlpError {
  readonly field: string;
  readonly rule: string;

  constructor(field: string, rule: string, message: string) {
    super(message);
    this.field = field;
    this.rule = rule;
  }
}

export function emptySpan(resource: OtlpResource, scope: OtlpScope): OtlpSpan {
  return {
    resource,
    scope,
    traceId: '',
    spanId: '',
    parentSpanId: '',
    traceState: '',
    name: '',
    kind: 0,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: new Map(),
    events: [],
    links: [],
    status: { code: 0, message: '' },
  };
}

/** One invalid id fails the whole request, as in Langfuse: a broken client is noticed at once. */
export function requireValidIds(span: OtlpSpan): void {
  requireId('traceId', 'trace id', span.traceId, 16, span.name);
  requireId('spanId', 'span id', span.spanId, 8, span.name);
  if (span.parentSpanId === '') return;
  // Some clients write "no parent" as zeros.
  if (span.parentSpanId === '0000000000000000') span.parentSpanId = '';
  else requireId('parentSpanId', 'parent span id', span.parentSpanId, 8, span.name);
}

function requireId(field: string, what: string, hex: string, byteCount: number, spanName: string): void {
  const valid = hex.length === byteCount * 2 && /^[0-9a-f]+$/.test(hex) && !/^0+$/.test(hex);
  if (valid) return;
  const rule = `${byteCount} bytes that are not all zero`;
  throw new InvalidId(
    field,
    rule,
    `${what} must be ${rule}, but got: "${hex.slice(0, 64)}" (span "${spanName.slice(0, 80)}")`,
  );
}
