/**
 * Imports a file by its lines: JSON lines, or CSV with a head, or one JSON document over many lines. The first line that is not empty
 * tells which.
 */

import { type CsvReader, createCsvReader } from './csv.js';
import type { ReplayMarks } from './import-events.js';
import type { ImportTarget } from './import-target.js';
import { importValue } from './import-values.js';
import { type Line, MAX_LINE_BYTES } from './lines.js';

/** A document over many lines is read as a whole. */
const MAX_DOCUMENT_CHARS = 128 * 1024 * 1024;
const TOO_LONG = `it is longer than ${MAX_LINE_BYTES} bytes`;

interface NumberedText {
  number: number;
  text: string;
}

export async function importLines(lines: AsyncIterable<Line>, target: ImportTarget): Promise<void> {
  const marks: ReplayMarks = { hasStored: false, hasEnd: false };
  let last = 0;
  let take: ((line: NumberedText) => Promise<void>) | undefined;
  let end: (() => Promise<void>) | undefined;
  for await (const { number, text } of lines) {
    last = number;
    if (text === undefined) {
      target.refuse(number, TOO_LONG);
      continue;
    }
    if (take === undefined) {
      if (text.trim() === '') continue;
      ({ take, end } = readerFor(text, target, marks));
    }
    await take({ number, text });
  }
  await end?.();
  if (marks.hasStored && !marks.hasEnd) {
    target.refuse(last, 'the last line of the export is missing: the file is not whole');
  }
  await target.flush();
}

interface Reader {
  take(line: NumberedText): Promise<void>;
  end?: (() => Promise<void>) | undefined;
}

function readerFor(first: string, target: ImportTarget, marks: ReplayMarks): Reader {
  const jsonLine = (line: NumberedText) => importJsonLine(line, target, marks);
  if (!/^\s*[[{]/.test(first)) {
    const head = headOf(first);
    return head === undefined ? { take: jsonLine } : csvReader(head, target, marks);
  }
  return isJson(first) ? { take: jsonLine } : documentReader(jsonLine, target, marks);
}

/** A document over many lines; if it is none, each of its lines is read by itself. */
function documentReader(
  jsonLine: (line: NumberedText) => Promise<void>,
  target: ImportTarget,
  marks: ReplayMarks,
): Reader {
  let kept: NumberedText[] | undefined = [];
  let chars = 0;

  async function giveUp(): Promise<void> {
    const lines = kept ?? [];
    kept = undefined;
    for (const line of lines) await jsonLine(line);
  }

  return {
    async take(line) {
      if (kept === undefined) return jsonLine(line);
      kept.push(line);
      chars += line.text.length;
      if (chars > MAX_DOCUMENT_CHARS) await giveUp();
    },
    async end() {
      if (kept === undefined) return;
      const text = kept.map((line) => line.text).join('\n');
      if (!isJson(text)) return giveUp();
      await importValue(JSON.parse(text), kept[0]?.number ?? 1, target, marks);
    },
  };
}

async function importJsonLine(
  { number, text }: NumberedText,
  target: ImportTarget,
  marks: ReplayMarks,
): Promise<void> {
  if (text.trim() === '') return;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not the parser's message, which has a piece of the text.
    return target.refuse(number, 'it is not JSON');
  }
  await importValue(value, number, target, marks);
}

function isJson(text: string): boolean {
  try {
    return JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

/** The head of a CSV file of Langfuse has a column with the id. */
function headOf(line: string): string[] | undefined {
  const head = createCsvReader()
    .push(line)
    ?.map((name) => name.trim());
  return head !== undefined && head.length > 2 && head.includes('id') ? head : undefined;
}

function csvReader(head: readonly string[], target: ImportTarget, marks: ReplayMarks): Reader {
  const reader: CsvReader = createCsvReader();
  let isHead = true;
  let startedAt = 0;
  return {
    async take({ number, text }) {
      if (!reader.isOpen()) startedAt = number;
      const record = reader.push(text);
      if (record === undefined || isHead || (record.length === 1 && record[0] === '')) {
        isHead = isHead && record === undefined;
        return;
      }
      if (record.length !== head.length) {
        return target.refuse(
          startedAt,
          `it must have ${head.length} fields as the head has, but got ${record.length}`,
        );
      }
      const row = Object.fromEntries(head.map((name, index) => [name, record[index]]));
      await importValue(row, startedAt, target, marks);
    },
    async end() {
      if (reader.isOpen()) target.refuse(startedAt, 'a quote is not closed until the end of the file');
    },
  };
}
