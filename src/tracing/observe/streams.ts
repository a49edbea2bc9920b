/** Recognises returned values that are read later, and follows `Response`s, results of the AI SDK and Node.js streams. */
import type { Readable } from 'node:stream';
import {
  countLayer,
  followIterable,
  followIterator,
  hasManyLayers,
  isAsyncIterable,
  isIterator,
  override,
} from './iterables.js';
import { onChunk, onEnd, onFailure, onLeave, quietly, type Reader, step } from './reading.js';
import { followWebStream, isWebStream } from './web-streams.js';

/** @param contentType Of the stream's bytes, if it is known. */
type Begin = (contentType?: string | null) => Reader;

/** Follows a value that will be read, until it has been read. Returns false for a plain value. */
export function followStream(value: unknown, begin: Begin): boolean {
  let reader: Reader | undefined;
  try {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    if (!Object.isExtensible(value) || hasManyLayers(value)) return false;
    return followObject(value, (contentType) => {
      countLayer(value);
      reader = begin(contentType);
      return reader;
    });
  } catch {
    // A getter that throws, a proxy, or a method that cannot be replaced. Some methods may be replaced already.
    if (reader !== undefined) reader.reading.ended = true;
    return false;
  }
}

function followObject(value: object, begin: Begin): boolean {
  if (isResponse(value)) return followResponse(value, begin);
  if (isWebStream(value)) {
    if (!value.locked) followWebStream(value, begin());
    return !value.locked;
  }
  if (isNodeStream(value)) {
    const isOver = value.readableEnded || value.destroyed || value.readable === false;
    if (!isOver) followNodeStream(value, begin(contentTypeOf(value)));
    return !isOver;
  }
  if (isIterator(value)) followIterator(value, begin());
  else if (isAsyncIterable(value)) followIterable(value, begin());
  else return followFirstStream(value, begin);
  return true;
}

function isResponse(value: object): value is Response {
  const { text, clone } = value as Partial<Response>;
  return typeof text === 'function' && typeof clone === 'function' && 'bodyUsed' in value && 'body' in value;
}

/** Follows the body. In Node.js the methods of a Response read it by a reader; other runtimes read it inside. */
function followResponse(response: Response, begin: Begin): boolean {
  const body = response.body as object | null;
  if (body === null || response.bodyUsed) return false;
  const type = response.headers?.get('content-type') ?? null;
  const reader = begin(type);
  if (isWebStream(body)) followWebStream(body, reader);
  else if (isNodeStream(body)) followNodeStream(body, reader);
  for (const name of ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData']) {
    override(
      response,
      name,
      (before) =>
        (...args) =>
          step(
            reader,
            () => before.apply(response, args),
            (result) => endWith(reader, result, type),
          ),
    );
  }
  return true;
}

function endWith(reader: Reader, result: unknown, contentType: string | null): void {
  if (result instanceof ArrayBuffer || result instanceof Uint8Array) {
    onChunk(reader, result);
    onEnd(reader);
  } else if (result instanceof Blob) onEnd(reader, { bytes: result.size, contentType });
  else onEnd(reader, result);
}

/** The streams of an AI SDK result. All have the same content, and each is made by the first access: only the first one is followed. */
const AI_SDK_STREAMS = [
  'fullStream',
  'textStream',
  'partialOutputStream',
  'partialObjectStream',
  'elementStream',
];

function followFirstStream(value: object, begin: Begin): boolean {
  if (!('fullStream' in value && 'textStream' in value)) return false;
  const reader = begin();
  let isTaken = false;
  for (const name of AI_SDK_STREAMS) {
    const property = propertyOf(value, name);
    if (property === undefined) continue;
    const get = (): unknown => {
      const stream = property.get === undefined ? property.value : property.get.call(value);
      if (!isTaken) isTaken = followStream(stream, () => reader);
      return stream;
    };
    const replace = (other: unknown): void =>
      void Object.defineProperty(value, name, { ...property, value: other });
    const set = property.set?.bind(value) ?? (property.writable ? replace : undefined);
    const enumerable = property.enumerable ?? false;
    Object.defineProperty(value, name, { get, set, configurable: true, enumerable });
  }
  return true;
}

/** The property of the object or its class, not its value: reading the value would make the stream. */
function propertyOf(value: object, name: string): PropertyDescriptor | undefined {
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at)) {
    const property = Object.getOwnPropertyDescriptor(at, name);
    if (property !== undefined) return property;
  }
  return undefined;
}

function isNodeStream(value: object): value is Readable {
  const { pipe, on, emit, read } = value as Partial<Readable>;
  return [pipe, on, emit, read].every((method) => typeof method === 'function');
}

/** Follows a Node.js stream by the events that it emits to its readers. Adds no listener: one for `data` would start the stream. */
function followNodeStream(stream: Readable, reader: Reader): void {
  override(stream, 'emit', (before) => (...args) => {
    quietly(() => onEvent(reader, args));
    return before.apply(stream, args);
  });
  emitWhenPiped(stream);
}

type Listener = (this: unknown, ...args: unknown[]) => unknown;

/**
 * As of Node.js 26 a piped stream emits no `data` while its pipe is the only listener: it compares the listener with
 * the pipe's. The replaced listener has the original as `listener`, by which Node.js finds and removes it, as with `once()`.
 */
function emitWhenPiped(stream: Readable): void {
  let isPiping = false;
  override(stream, 'pipe', (before) => (...args) => {
    isPiping = true;
    try {
      return before.apply(stream, args);
    } finally {
      isPiping = false;
    }
  });
  override(stream, 'on', (before) => (event, listener) => {
    const isPipe =
      isPiping && event === 'data' && typeof listener === 'function' && !('listener' in listener);
    return before.call(stream, event, isPipe ? replaceListener(listener as Listener) : listener);
  });
}

function replaceListener(listener: Listener): Listener {
  function replaced(this: unknown, ...args: unknown[]): unknown {
    return listener.apply(this, args);
  }
  return Object.assign(replaced, { listener });
}

function onEvent(reader: Reader, [event, value]: readonly unknown[]): void {
  if (event === 'data') onChunk(reader, value);
  else if (event === 'end') onEnd(reader);
  else if (event === 'close') onLeave(reader);
  else if (event === 'error' && isAbort(value)) onLeave(reader);
  else if (event === 'error') onFailure(reader, value);
}

/** The error with which Node.js destroys a stream when its reader leaves a loop. */
function isAbort(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ABORT_ERR';
}

/** The content type of a response. Compressed bytes are not text. */
function contentTypeOf(stream: Readable): string | null {
  const { headers } = stream as { headers?: Record<string, unknown> };
  if (headers?.['content-encoding'] !== undefined) return 'application/octet-stream';
  const type = headers?.['content-type'];
  return typeof type === 'string' ? type : null;
}
