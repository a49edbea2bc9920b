/** Reads content types of media, and knows which of them a Langfuse server accepts. */

/** MediaContentType of Langfuse's API (its client @langfuse/core 5.11); a server refuses others. */
const ACCEPTED = new Set(
  [
    'image/ png jpeg jpg webp gif svg+xml tiff bmp avif heic',
    'audio/ mpeg mp3 wav ogg oga aac mp4 flac opus webm',
    'video/ mp4 webm ogg mpeg quicktime x-msvideo x-matroska',
    'text/ plain html css csv markdown x-python x-typescript',
    'application/ javascript x-yaml pdf msword zip json xml octet-stream rtf x-ndjson gzip x-tar',
    'application/ x-7z-compressed vnd.ms-excel vnd.apache.parquet',
    'application/vnd.openxmlformats-officedocument. spreadsheetml.sheet wordprocessingml.document',
    'application/vnd.openxmlformats-officedocument. presentationml.presentation',
  ].flatMap((line) => {
    const [prefix, ...rest] = line.split(' ');
    return rest.map((type) => prefix + type);
  }),
);

const ANY = 'application/octet-stream';
const TYPE = /^\s*([\w.+-]{1,100}\/[\w.+-]{1,100})\s*(?:;|$)/;

/** `image/png` of `Image/PNG; q=1`. Undefined: not a content type. */
export function contentTypeOf(value: unknown): string | undefined {
  return typeof value === 'string' ? TYPE.exec(value)?.[1]?.toLowerCase() : undefined;
}

/** The type as it is declared to the server. Media of a type that it would refuse go as bytes of any kind. */
export function declaredType(contentType: string): string {
  return ACCEPTED.has(contentType) ? contentType : ANY;
}
