/** Reads CSV (RFC 4180) line by line: quoted fields may hold commas, quotes and line ends. */

export interface CsvReader {
  /** Returns the fields of a record that ends with this line; undefined: it goes on in the next line. */
  push(line: string): string[] | undefined;
  /** Whether a quoted field is still open. */
  isOpen(): boolean;
}

/** Of one record. A file with a quote too many would otherwise be collected to its end. */
const MAX_RECORD_CHARS = 64 * 1024 * 1024;

export function createCsvReader(): CsvReader {
  let fields: string[] = [];
  let field = '';
  let isQuoted = false;
  let chars = 0;

  function readLine(line: string): void {
    for (let at = 0; at < line.length; ) {
      if (isQuoted) {
        const quote = line.indexOf('"', at);
        if (quote === -1) {
          field += line.slice(at);
          return;
        }
        field += line.slice(at, quote);
        if (line[quote + 1] === '"') {
          field += '"';
          at = quote + 2;
        } else {
          isQuoted = false;
          at = quote + 1;
        }
      } else if (line[at] === '"' && field === '') {
        isQuoted = true;
        at += 1;
      } else if (line[at] === ',') {
        fields.push(field);
        field = '';
        at += 1;
      } else {
        const end = line.indexOf(',', at);
        field += line.slice(at, end === -1 ? undefined : end);
        at = end === -1 ? line.length : end;
      }
    }
  }

  return {
    isOpen: () => isQuoted,
    push(line) {
      chars += line.length;
      if (chars > MAX_RECORD_CHARS) throw new Error(`a record is longer than ${MAX_RECORD_CHARS} characters`);
      if (isQuoted) field += '\n';
      readLine(line.endsWith('\r') && !isQuoted ? line.slice(0, -1) : line);
      if (isQuoted) return undefined;
      const record = [...fields, field.endsWith('\r') ? field.slice(0, -1) : field];
      fields = [];
      field = '';
      chars = 0;
      return record;
    },
  };
}
