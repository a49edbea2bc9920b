/** Options with HTTP headers. A header that no request can carry is left out, because it would fail every request. */
import { show } from '../shared/untrusted-text/show.js';
import { warnInvalid } from './settings.js';

/** RFC 9110, sections 5.1 and 5.5, as Node.js enforces them. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Headers of the connection, which undici refuses, and of the body, which whoever encodes it sets. */
const RESERVED = [
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
];
/** Headers that identify the sender or the tenant: without one a server refuses the data, or takes it for somebody else's. */
const OF_SENDER =
  /^(authorization|proxy-authorization|cookie)$|(^|[-_])(api-?key|key|auth|token|secret|password|credentials?|tenant|org|organization|project|scope)([-_]|$)|orgid|apikey/i;

/** By the header's name: another option or variable may hold a value that can be used. */
export type HeaderFaults = Map<string, string>;

/**
 * Leaves out a header that cannot be used, and names it in `problems`: without the value, which may be a secret. A header
 * that identifies the sender is named in `faults` instead: nothing may be sent without it.
 */
export function resolveHeaders(
  given: unknown,
  problems: string[],
  option = 'option additionalHeaders',
  faults: HeaderFaults = new Map(),
): Record<string, string> | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    warnInvalid(problems, option, 'an object of texts', `got: ${typeof given}`, 'using none');
    return undefined;
  }
  // A Headers or a Map. `instanceof Headers` would load Node's fetch, which takes 20 ms.
  const entries =
    Symbol.iterator in given ? [...(given as Iterable<[string, unknown]>)] : Object.entries(given);
  return Object.fromEntries(
    entries.flatMap(([name, value]): [string, string][] => {
      if (value === undefined || value === null) return [];
      const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
      if (isName(name) && typeof text === 'string' && HEADER_VALUE.test(text.trim()))
        return [[name, text.trim()]];
      // `{'Authorization: Bearer …': ''}` is easily written.
      const header = show(String(name).split(/[:=\s]/)[0]);
      if (isName(name) && OF_SENDER.test(name)) {
        faults.set(name.toLowerCase(), `${option} has a value for ${header} that no HTTP header can carry`);
        return [];
      }
      problems.push(
        `${option} must hold HTTP headers with texts, but got: ${isName(name) ? `another value for ${header}` : header}; leaving it out`,
      );
      return [];
    }),
  );
}

function isName(name: string): boolean {
  return NAME.test(name) && !RESERVED.includes(name.toLowerCase());
}
