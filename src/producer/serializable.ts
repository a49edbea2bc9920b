/**
 * Turns any value into one that every encoder takes, as JSON.stringify would see it, with a readable stand-in
 * where JSON.stringify would throw or drop: the event is not lost, and the place says what was left out.
 *
 * The slow path: it runs only for events that msgpackr refuses or would encode differently.
 */

/** Deeper values are cut with a stand-in; msgpackr and JSON.stringify overflow the stack at about 5000. */
const MAX_DEPTH = 500;

export function toSerializable(value: unknown): unknown {
  return visit(value, '', new Set(), 0);
}

/** `ancestors` are the objects from the root to here: the same object twice is fine, inside itself is a cycle. */
function visit(value: unknown, key: string, ancestors: Set<object>, depth: number): unknown {
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'symbol':
      return `[${safely(() => String(value), 'Symbol')}]`;
    case 'function':
      return `[Function: ${safely(() => String(value.name), '') || 'anonymous'}]`;
    case 'object':
      if (value === null) return null;
      if (ancestors.has(value)) return '[Circular]';
      if (depth >= MAX_DEPTH) return '[Too deep]';
      ancestors.add(value);
      try {
        return visitObject(value, key, ancestors, depth + 1);
      } catch (error) {
        // A revoked proxy, or a getter or toJSON that throws where it cannot be told which.
        return `[Unreadable: ${messageOf(error)}]`;
      } finally {
        ancestors.delete(value);
      }
    default:
      return value;
  }
}

function visitObject(value: object, key: string, ancestors: Set<object>, depth: number): unknown {
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  const toJSON = (value as { toJSON?: unknown }).toJSON;
  if (typeof toJSON === 'function') {
    const json = toJSON.call(value, key);
    if (json !== value) return visit(json, key, ancestors, depth);
  }
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return value.valueOf();
  if (value instanceof Error) return visitError(value, ancestors, depth);
  if (value instanceof RegExp) return String(value);
  if (value instanceof ArrayBuffer) return Buffer.from(value.slice(0));
  if (ArrayBuffer.isView(value)) return visitView(value, ancestors, depth);
  if (value instanceof Set) return Array.from(value, (one) => visit(one, '', ancestors, depth));
  if (value instanceof Map) return visitMap(value, ancestors, depth);
  if (Array.isArray(value)) return value.map((one, index) => visit(one, String(index), ancestors, depth));
  return visitProperties(value, Object.keys(value), ancestors, depth);
}

function visitProperties(value: object, keys: string[], ancestors: Set<object>, depth: number): unknown {
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    let member: unknown;
    try {
      member = (value as Record<string, unknown>)[key];
    } catch (error) {
      define(result, key, `[Getter threw: ${messageOf(error)}]`);
      continue;
    }
    if (member !== undefined) define(result, key, visit(member, key, ancestors, depth));
  }
  return result;
}

/** name, message, stack and cause are not enumerable, so JSON.stringify gives {} for the most telling value of all. */
function visitError(error: Error, ancestors: Set<object>, depth: number): unknown {
  const keys = new Set(['name', 'message', 'stack', ...Object.keys(error)]);
  if (error.cause !== undefined) keys.add('cause');
  return visitProperties(error, [...keys], ancestors, depth);
}

/** Typed arrays are mostly embeddings: numbers, not bytes. */
function visitView(view: ArrayBufferView, ancestors: Set<object>, depth: number): unknown {
  if (view instanceof Uint8Array || view instanceof DataView) {
    return Buffer.from(Buffer.from(view.buffer, view.byteOffset, view.byteLength));
  }
  return Array.from(view as unknown as ArrayLike<unknown>, (one) => visit(one, '', ancestors, depth));
}

function visitMap(map: Map<unknown, unknown>, ancestors: Set<object>, depth: number): unknown {
  const result: Record<string, unknown> = {};
  for (const [key, member] of map) {
    const name = typeof key === 'object' ? safely(() => JSON.stringify(key), '[object]') : String(key);
    define(result, name, visit(member, name, ancestors, depth));
  }
  return result;
}

/** Assignment would call the setter of `__proto__`. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

function messageOf(error: unknown): string {
  return safely(() => String(error instanceof Error ? error.message : error), 'no message');
}

function safely<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch {
    return fallback;
  }
}
