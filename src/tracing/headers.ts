/** Headers of requests, as an option: one that no request could carry would cost every event. */
import { show } from '../shared/options.js';

/** RFC 9110, section 5.1 and 5.5: what Node.js sends. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** The connection's own, which undici refuses; and what is said of a body by whoever makes it. */
const RESERVED = [
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
];
/** By these a server knows who sends, and for whom: without one it takes nothing, or takes it for somebody else's. */
const OF_SENDER =
  /^(authorization|proxy-authorization|cookie)$|(^|[-_])(api-?key|key|auth|token|secret|password|credentials?|tenant|org|organization|project|scope)([-_]|$)|orgid|apikey/i;

/** By the header's name: another place may say it in a way that can be used. */
export type HeaderFaults = Map<string, string>;

/**
 * Leaves out what cannot be used, and says so in `problems`: by its name alone, as the value may be a secret. If it is what the
 * server knows the sender by, it says so in `faults`: nothing is to be sent without it.
 */
export function resolveHeaders(
  given: unknown,
  problems: string[],
  option = 'option additionalHeaders',
  faults: HeaderFaults = new Map(),
): Record<string, string> | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    problems.push(`${option} must be an object of texts, but got: ${typeof given}; using none`);
    return undefined;
  }
  // A Headers or a Map. Not asked for by name: Node.js loads its fetch with that, for 20 ms.
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
