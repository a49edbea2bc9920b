/** Which media a page may show: pictures and sound that are in the text itself, or that this server keeps. No address is followed. */

export type Medium =
  | { kind: 'image' | 'audio'; url: string; label: string }
  /** Kept by this server, and downloaded on a click only. */
  | { kind: 'file'; url: string; label: string };

/** Picture types that cannot run code. An SVG is a document. */
const PICTURES = /^image\/(?:png|jpeg|gif|webp)$/;
const SOUNDS = /^audio\/(?:mpeg|mp3|mp4|wav|x-wav|wave|ogg|webm|aac|flac)$/;
const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+);base64,([A-Za-z0-9+/=\s]+)$/;
const REFERENCE = /@@@langfuseMedia:type=([^|@\s]+)\|id=([\w-]+)\|source=\w+@@@/g;

/** The medium of a data URL or a reference; null for addresses and other texts. */
export function mediumOf(source: string): Medium | null {
  const [, type = '', data = ''] = DATA_URL.exec(source) ?? [];
  if (data !== '') {
    const kind = PICTURES.test(type) ? 'image' : SOUNDS.test(type) ? 'audio' : null;
    return kind === null ? null : { kind, url: source, label: `${type}, ${kibibytes(data.length)}` };
  }
  const [match] = source.matchAll(REFERENCE);
  return match !== undefined && match[0] === source ? referred(match[1] ?? '', match[2] ?? '') : null;
}

/** A text with the references in it. */
export function withReferences(text: string): (string | Medium)[] {
  const parts: (string | Medium)[] = [];
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    parts.push(text.slice(end, match.index), referred(match[1] ?? '', match[2] ?? ''));
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== '');
}

function referred(type: string, id: string): Medium {
  const kind = PICTURES.test(type) ? 'image' : SOUNDS.test(type) ? 'audio' : 'file';
  return { kind, url: `/media/${id}`, label: `${type} ${id}` };
}

function kibibytes(base64Chars: number): string {
  return `${Math.ceil((base64Chars * 3) / 4 / 1024)} KiB`;
}
