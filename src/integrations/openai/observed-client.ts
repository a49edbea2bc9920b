/**
 * A view of a client of the `openai` package whose requests are traced. The client itself stays as it is, and so do its private fields:
 * its own methods run on it. The view's resources (`chat.completions`, …) inherit from the client's, and send through the view.
 */
import { endpointOf, isStoredResponse } from './endpoints.js';
import { followStored, traceRequest } from './request-hooks.js';
import { RUN, type Run, traceRunTools } from './run-tools.js';
import type { Tracing } from './tracing.js';

/** The view's client and how it is traced. By a global name: another copy of this package must find it. */
export const OBSERVED = Symbol.for('tailrace.openai.observed');

type Method = (this: unknown, ...args: unknown[]) => unknown;
type AnyObject = Record<PropertyKey, unknown>;

/** The resources that call models. Others hold private fields, and are left alone. */
const RESOURCES = new Set<PropertyKey>([
  ...['chat', 'completions', 'responses', 'embeddings', 'images', 'audio', 'moderations', 'beta'],
  ...['transcriptions', 'translations', 'speech'],
]);
/** Methods that get the body of a request as an object. What they send may be form data, or a promise. */
const WITH_BODY = ['create', 'edit', 'generate', 'createVariation', 'compact'];

/** The call of a resource's method that runs now: it sends its request before it returns. */
interface Current {
  readonly body: unknown;
  readonly run: Run | undefined;
}

export function observedClient<C extends object>(
  client: C,
  tracing: Tracing,
  extras: Readonly<Record<PropertyKey, unknown>>,
): C {
  /** Methods of the view alone. One that something else has replaced on the view stays off the client, whose method it may call. */
  const own = new Map<PropertyKey, unknown>([
    [OBSERVED, client],
    ['post', post],
    ['get', get],
  ]);
  /** Views of the client's values. */
  const views = new Map<PropertyKey, { readonly of: unknown; readonly view: unknown }>();
  let current: Current | undefined;

  function post(this: unknown, path: unknown, ...args: unknown[]): unknown {
    const send = (): unknown => (Reflect.get(client, 'post') as Method).call(client, path, ...args);
    const endpoint = endpointOf(path);
    if (endpoint === undefined)
      return isStoredResponse('post', path) ? followStored(tracing, send()) : send();
    const { body, run } = current ?? { body: (args[0] as AnyObject | undefined)?.body, run: undefined };
    // A request that another one makes is not the method's.
    current = undefined;
    return traceRequest(tracing, endpoint, body, send, run);
  }

  function get(this: unknown, path: unknown, ...args: unknown[]): unknown {
    const sent = (Reflect.get(client, 'get') as Method).call(client, path, ...args);
    return isStoredResponse('get', path) ? followStored(tracing, sent) : sent;
  }

  function withOptions(this: unknown, ...args: unknown[]): unknown {
    const other = (Reflect.get(client, 'withOptions') as Method).apply(client, args);
    return typeof other === 'object' && other !== null ? observedClient(other, tracing, extras) : other;
  }

  /** Inherits from the client's resource, also what a test replaces there. */
  function resourceView(resource: object): object {
    const view = Object.create(resource) as AnyObject;
    define(view, '_client', proxy);
    for (const name of Object.keys(resource)) {
      const inner = (resource as AnyObject)[name];
      if (RESOURCES.has(name) && isResource(inner)) define(view, name, resourceView(inner));
    }
    for (const name of WITH_BODY) {
      if (typeof (resource as AnyObject)[name] === 'function') define(view, name, withBody(resource, name));
    }
    if (typeof (resource as AnyObject).runTools === 'function') {
      define(view, 'runTools', function (this: unknown, body: unknown, options: unknown) {
        const start = (...args: unknown[]) => ((resource as AnyObject).runTools as Method).apply(this, args);
        return traceRunTools(tracing, body, options, start);
      });
    }
    return view;
  }

  function withBody(resource: object, name: string): Method {
    return function (this: unknown, ...args) {
      const before = current;
      const options = args[1] as { readonly [RUN]?: Run } | null | undefined;
      current = { body: args[0], run: options?.[RUN] };
      try {
        return ((resource as AnyObject)[name] as Method).apply(this, args);
      } finally {
        current = before;
      }
    };
  }

  function isResource(value: unknown): value is object {
    return typeof value === 'object' && value !== null && (value as AnyObject)._client === client;
  }

  function find(key: PropertyKey): unknown {
    if (own.has(key)) return own.get(key);
    const value = Reflect.get(client, key);
    const known = views.get(key);
    // Something else may have replaced the value since.
    if (known !== undefined && known.of === value) return known.view;
    let view: unknown;
    if (typeof value === 'function') {
      // A function that is a property of the client itself (`fetch`) is a value; `constructor` is its class.
      if (Object.hasOwn(client, key) || key === 'constructor') return value;
      view = value.bind(client);
    } else if (RESOURCES.has(key) && isResource(value)) view = resourceView(value);
    else return value;
    views.set(key, { of: value, view });
    return view;
  }

  if (typeof Reflect.get(client, 'withOptions') === 'function') own.set('withOptions', withOptions);
  for (const key of Reflect.ownKeys(extras)) if (!(key in client)) own.set(key, extras[key]);
  const methods = new Map(own);

  // Not the client itself: a proxy of a frozen object must return its properties as they are.
  const proxy: C = new Proxy(Object.create(client) as C, {
    get: (_target, key) => find(key),
    set(_target, key, value, receiver) {
      // The receiver may be something that inherits from the view.
      if (receiver !== proxy) return Reflect.set(client, key, value, receiver);
      if (!own.has(key)) return Reflect.set(client, key, value);
      own.set(key, value);
      return true;
    },
    defineProperty(_target, key, descriptor) {
      if (!own.has(key) || !('value' in descriptor)) return Reflect.defineProperty(client, key, descriptor);
      own.set(key, descriptor.value);
      return true;
    },
    deleteProperty(_target, key) {
      if (!own.has(key)) return Reflect.deleteProperty(client, key);
      own.set(key, methods.get(key));
      return true;
    },
    has: (target, key) => own.has(key) || Reflect.has(target, key),
    ownKeys: (target) => Reflect.ownKeys(Object.isExtensible(target) ? client : target),
    getOwnPropertyDescriptor(target, key) {
      const own = Reflect.getOwnPropertyDescriptor(Object.isExtensible(target) ? client : target, key);
      if (own === undefined || !Object.isExtensible(target)) return own;
      return { value: find(key), writable: true, enumerable: own.enumerable ?? false, configurable: true };
    },
  });
  return proxy;
}

function define(target: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
}
