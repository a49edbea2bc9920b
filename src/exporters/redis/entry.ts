/** The entry of a batch in a stream of Redis (README.md): names and values in turns. */
import { type Entry, textFieldsOf } from '../streams/entry.js';

/** The body comes last, so that a look at the entry shows the others first. */
export function fieldsOf(entry: Entry): (string | Buffer)[] {
  return [...textFieldsOf(entry).flat(), 'body', entry.body];
}
