/** The stream of dead letters: entries that can never be delivered, with the reason, until somebody puts them back. */
import { createHash } from 'node:crypto';
import type { NatsConnection } from '../../exporters/nats/client.js';
import { isStreamMissing, isStreamThere } from '../../exporters/nats/faults.js';
import type { StreamState } from '../../exporters/nats/packages.js';
import { FIELD_PREFIX, fitted, HEADER_BYTES, headerOf } from '../../exporters/nats/stream.js';
import { textFieldsOf } from '../../exporters/streams/entry.js';
import { systemNow } from '../../shared/runtime/real-time.js';
import type { Batch } from '../contract.js';
import type { Fields } from '../entry.js';

/** What a dead letter has besides the fields of its entry. */
const ADDED = ['reason', 'attempts', 'time', 'subject', 'entry'].map(headerOf);
const SUBJECT = headerOf('subject');
const MAX_REASON = 300;
const LEFT_OUT = ' (its body is left out: it is larger than the server takes)';

export interface LetterFacts {
  readonly reason: string;
  readonly attempts: number;
  /** Where the entry was, its number there, and when it came. */
  readonly subject: string;
  readonly entry: string;
  readonly time: string;
}

interface Content {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly isLeftOut: boolean;
}

/** Stream and subject have the same name. */
export function deadStreamOf(stream: string): string {
  return `${stream}-dead`;
}

/** `content`: the whole entry, or a part of it. Returns how many of the oldest letters had to go, because there is only room for `maxDead`. */
export async function addLetter(
  server: NatsConnection,
  dead: string,
  content: Fields | Batch,
  { reason, attempts, subject, entry, time }: LetterFacts,
  maxDead: number,
): Promise<number> {
  const { streams, publish, maxPayload } = server;
  const maxBodyBytes = maxPayload - HEADER_BYTES;
  const { fields, body, isLeftOut } = await (content instanceof Map
    ? wholeOf(content as Fields, maxBodyBytes)
    : partOf(content as Batch, maxBodyBytes));
  const added = {
    reason: reason.slice(0, MAX_REASON).replace(/\s+/g, ' ') + (isLeftOut ? LEFT_OUT : ''),
    attempts: String(attempts),
    time: new Date(systemNow()).toISOString(),
    subject,
    entry,
  };
  await ensureDead(streams, dead);
  await publish({
    stream: dead,
    subject: dead,
    // The same letter is stored once, if the answer to it is lost.
    id: createHash('sha256')
      .update([entry, time, reason, ...fields.flat()].join('\n'))
      .digest('base64url'),
    headers: [...Object.entries(added), ...fields].map(([name, value]) => [headerOf(name), value] as const),
    body,
  });
  const { purged } = await streams.purge(dead, { keep: maxDead });
  return purged;
}

async function wholeOf(entry: Fields, maxBodyBytes: number): Promise<Content> {
  const body = Buffer.from(entry.get('body') ?? '');
  const fields = [...entry].flatMap(([name, value]) =>
    name === 'body' ? [] : [[name, String(value)] as const],
  );
  const isLeftOut = body.byteLength > maxBodyBytes;
  return { fields, body: isLeftOut ? Buffer.alloc(0) : body, isLeftOut };
}

/** A part is uncompressed. */
async function partOf(batch: Batch, maxBodyBytes: number): Promise<Content> {
  const fitting = await fitted(batch, maxBodyBytes);
  return {
    fields: textFieldsOf(fitting ?? batch),
    body: fitting?.body ?? Buffer.alloc(0),
    isLeftOut: fitting === undefined,
  };
}

/** Up to the last letter that is there at the begin: a letter that dies again is not replayed for ever. */
export async function replayLetters(
  { streams, publish }: NatsConnection,
  dead: string,
  stream: string,
): Promise<number> {
  const letters = await streams.info(dead).catch((error) => {
    if (isStreamMissing(error)) return undefined;
    throw error;
  });
  if (letters === undefined) return 0;
  const { first_seq: first, last_seq: last } = letters.state;
  const { config } = await streams.info(stream);
  let replayed = 0;
  for (let next = first; next <= last; ) {
    const letter = await streams.getMessage(dead, { seq: next, next_by_subj: dead });
    if (letter === null || letter.seq > last) break;
    const headers = [...letter.header].map(([name, [value = '']]) => [name, value] as const);
    await publish({
      stream,
      subject: subjectFor(config, headers.find(([name]) => name === SUBJECT)?.[1]),
      // Not that of the batch, which the server may still know. A letter is put back once.
      id: `${dead} ${letter.seq}`,
      headers: headers.filter(([name]) => name.startsWith(FIELD_PREFIX) && !ADDED.includes(name)),
      body: letter.data,
    });
    await streams.deleteMessage(dead, letter.seq, false);
    next = letter.seq + 1;
    replayed++;
  }
  return replayed;
}

/** Never another subject than one of the stream. */
function subjectFor({ subjects = [] }: StreamState['config'], origin = ''): string {
  const isOwn = subjects.some((pattern) => matches(pattern.split('.'), origin.split('.')));
  return isOwn ? origin : (subjects[0] ?? '').replace(/[*>]/g, '0');
}

function matches(pattern: readonly string[], subject: readonly string[]): boolean {
  return (
    (pattern.at(-1) === '>' ? subject.length >= pattern.length : subject.length === pattern.length) &&
    pattern.every((part, index) => part === '>' || part === '*' || part === subject[index])
  );
}

async function ensureDead(streams: NatsConnection['streams'], dead: string): Promise<void> {
  try {
    await streams.info(dead);
    return;
  } catch (error) {
    if (!isStreamMissing(error)) throw error;
  }
  await streams.add({ name: dead, subjects: [dead], retention: 'limits', storage: 'file' }).catch((error) => {
    if (!isStreamThere(error)) throw error;
  });
}
