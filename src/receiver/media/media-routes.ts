/** Media routes as Langfuse has them: announce over the API, upload to a URL, report the upload, and download. */

import { createHash } from 'node:crypto';
import {
  type Body,
  InvalidEvent,
  optionalInteger,
  optionalText,
  optionalTime,
  wrong,
} from '../../ingest/classic/fields.js';
import { type BodyLimits, readBody, readJsonObject, requireContentType } from '../http/body.js';
import { HttpError, type RouteContext, send, sendJson } from '../http/requests.js';
import { isoTime } from '../read/row-values.js';
import type { AnnouncedMedium, StoredMedium } from '../store/contract/transfer.js';

const MEBIBYTE = 1024 * 1024;
/** A local store is for inspecting what an application sends, not for keeping films. */
const MAX_CONTENT_BYTES = 64 * MEBIBYTE;
const CONTENT_LIMITS: BodyLimits = {
  maxWireBytes: MAX_CONTENT_BYTES,
  maxBytes: MAX_CONTENT_BYTES,
  gzip: false,
};
const JSON_LIMITS: BodyLimits = { maxWireBytes: 64 * 1024, maxBytes: 64 * 1024, gzip: false };

const ID_CHARS = 22;
const CONTENT_TYPE_PATTERN = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/;
const SHA256_PATTERN = /^[A-Za-z0-9+/]{43}=$/;
/** Picture types that cannot run code. An SVG is a document. */
const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const FIELDS = ['input', 'output', 'metadata'];
const DAY_MS = 86_400_000;

export async function postMedia({ store, request, response, openUrl }: RouteContext): Promise<void> {
  const { traceId, ...media } = announcement(await readJsonObject(request, JSON_LIMITS));
  const stored = await store.media.announce(media, traceId);
  const uploadUrl = stored.hasContent ? null : openUrl(contentPath(media.id));
  sendJson(response, 201, { mediaId: media.id, uploadUrl });
}

/** The upload URL from `postMedia`. Content that differs from what was announced is refused. */
export async function putMediaContent({ store, request, response }: RouteContext, id: string): Promise<void> {
  const { contentType, contentLength, sha256 } = found(await store.media.find(id), id);
  requireContentType(request, [contentType]);
  const announced = request.headers['x-amz-checksum-sha256'];
  if (announced !== sha256)
    throw new HttpError(400, 'x-amz-checksum-sha256 must be the hash that was announced');
  const content = await readBody(request, CONTENT_LIMITS);
  const hash = createHash('sha256').update(content).digest('base64');
  if (hash !== sha256 || content.byteLength !== contentLength) {
    throw new HttpError(400, `the content (${content.byteLength} bytes) is not the one that was announced`);
  }
  await store.media.storeContent(id, content);
  send(response, 200, 'text/plain', '');
}

export async function patchMedia({ store, request, response }: RouteContext, id: string): Promise<void> {
  found(await store.media.find(id), id);
  const { uploadedUs, status } = uploadReport(await readJsonObject(request, JSON_LIMITS));
  if (status === 200 || status === 201) await store.media.markUploaded(id, uploadedUs);
  sendJson(response, 200, {});
}

export async function getMedia({ store, response, openUrl }: RouteContext, id: string): Promise<void> {
  const row = found(await store.media.find(id), id);
  if (row.uploadedUs === null || !row.hasContent) throw notUploaded(id);
  sendJson(response, 200, {
    mediaId: id,
    contentType: row.contentType,
    contentLength: row.contentLength,
    uploadedAt: isoTime(row.uploadedUs),
    url: openUrl(contentPath(id)),
    urlExpiry: new Date(Date.now() + DAY_MS).toISOString(),
  });
}

/** Pictures are shown, anything else is downloaded: HTML or SVG from a payload must not run as a page of this origin. */
export async function getMediaContent({ store, response }: RouteContext, id: string): Promise<void> {
  const row = found(await store.media.find(id), id);
  const content = await store.media.content(id);
  if (content === undefined) throw notUploaded(id);
  const type = row.contentType;
  send(response, 200, type, content, {
    'content-disposition': PICTURE_TYPES.includes(type) ? 'inline' : 'attachment',
    'content-security-policy': `default-src 'none'; sandbox`,
    'cross-origin-resource-policy': 'same-origin',
  });
}

function announcement(body: Body): AnnouncedMedium & { traceId: string } {
  return checked(() => {
    const contentType = optionalText(body, 'contentType') ?? '';
    const contentLength = optionalInteger(body, 'contentLength') ?? 0;
    const sha256 = optionalText(body, 'sha256Hash') ?? '';
    if (!CONTENT_TYPE_PATTERN.test(contentType))
      throw wrong('contentType', 'a content type', body.contentType);
    if (contentLength < 1) throw wrong('contentLength', 'at least 1', body.contentLength);
    if (!SHA256_PATTERN.test(sha256)) throw wrong('sha256Hash', 'a SHA-256 in base64', body.sha256Hash);
    const traceId = optionalText(body, 'traceId');
    if (!traceId) throw wrong('traceId', 'the id of a trace', body.traceId);
    optionalText(body, 'observationId');
    if (!FIELDS.includes(optionalText(body, 'field') ?? '')) {
      throw wrong('field', `one of ${FIELDS.join(', ')}`, body.field);
    }
    if (contentLength > MAX_CONTENT_BYTES) {
      throw new HttpError(
        413,
        `contentLength must be at most ${MAX_CONTENT_BYTES}, but got: ${contentLength}`,
      );
    }
    const id = sha256.replaceAll('+', '-').replaceAll('/', '_').slice(0, ID_CHARS);
    return { id, contentType, contentLength, sha256, traceId };
  });
}

function uploadReport(body: Body): { uploadedUs: number; status: number } {
  return checked(() => {
    const uploadedUs = optionalTime(body, 'uploadedAt');
    const status = optionalInteger(body, 'uploadHttpStatus');
    if (uploadedUs === null) throw wrong('uploadedAt', 'a time', body.uploadedAt);
    if (status === null) throw wrong('uploadHttpStatus', 'an HTTP status', body.uploadHttpStatus);
    return { uploadedUs, status };
  });
}

function checked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof InvalidEvent ? new HttpError(400, error.message) : error;
  }
}

function contentPath(id: string): string {
  return `/media/${id}`;
}

function found(row: StoredMedium | undefined, id: string): StoredMedium {
  if (row === undefined) throw new HttpError(404, `there is no media with the id "${id.slice(0, 80)}"`);
  return row;
}

function notUploaded(id: string): HttpError {
  return new HttpError(404, `the media with the id "${id.slice(0, 80)}" has not been uploaded yet`);
}
