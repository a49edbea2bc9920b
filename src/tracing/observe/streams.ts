/** What a function may return that is read after it: each is followed in its own way, and stays what it is. */

import { countLayer, hasManyLayers, override } from '../override.js';
import { followIterable, followIterator, isAsyncIterable, isIterator } from './iterables.js';
import { contentTypeOf, followNodeStream, isNodeStream } from './node-streams.js';
import { onChunk, onEnd, type Reader, step } from './reading.js';
import { followWebStream, isWebStream } from './web-streams.js';

/** @param contentType Of its bytes, if it says what they are. */
type Begin = (contentType?: string | null) => Reader;

/** Whether the value will be read, and is followed until it has been. False: it is a value like any other. */
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
    // A getter that throws, a proxy, a method that cannot be replaced: some of the others may have been.
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
  else return followFirst(value, begin);
  return true;
}

function isResponse(value: object): value is Response {
  const { text, clone } = value as Partial<Response>;
  return typeof text === 'function' && typeof clone === 'function' && 'bodyUsed' in value && 'body' in value;
}

/** Its body. In Node.js its methods read that by a reader of it, elsewhere inside the runtime. */
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

/** The streams of a result of the AI SDK. Each tells the same, and is made when it is asked for: the first that is, is followed. */
const STREAMS = ['fullStream', 'textStream', 'partialOutputStream', 'partialObjectStream', 'elementStream'];

function followFirst(value: object, begin: Begin): boolean {
  if (!('fullStream' in value && 'textStream' in value)) return false;
  const reader = begin();
  let isTaken = false;
  for (const name of STREAMS) {
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

/** Its own, or its class's: reading it would make the stream. */
function propertyOf(value: object, name: string): PropertyDescriptor | undefined {
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at)) {
    const property = Object.getOwnPropertyDescriptor(at, name);
    if (property !== undefined) return property;
  }
  return undefined;
}
