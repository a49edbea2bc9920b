/** Uploads media as Langfuse wants it: asks the server for an address, sends the content there, reports how that went. */

import type {
  ExporterContext,
  ExportOutcome,
  ExportRequest,
  ExportResponse,
  TlsIdentity,
} from '../../shared/contract/exporter.js';
import { isRetryable, outcomeOfStatus, parseRetryAfter } from '../../shared/contract/http-outcome.js';
import { stringifyWellFormed } from '../../shared/json.js';
import { monotonicNow, systemNow } from '../../shared/runtime/real-time.js';
import { messageOf, nameOf } from '../../shared/untrusted-text/errors.js';
import { redactUntrusted } from '../../shared/untrusted-text/untrusted-text.js';
import type { Media } from './content.js';
import type { UploadRule, UploadTarget } from './upload-rule.js';

/** The location of media in a trace. */
export interface MediaLocation {
  readonly traceId: string;
  /** Undefined: the trace itself. */
  readonly observationId: string | undefined;
  readonly field: 'input' | 'output' | 'metadata';
}

export interface MediaServer {
  readonly url: string;
  /** With the keys. Like the certificates, only for the server, never for the storage that it names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Texts that no message may show. */
  readonly secrets: readonly string[];
  readonly tls?: TlsIdentity | undefined;
  /** Decides which addresses the server may name. */
  readonly mayUpload: UploadRule;
  readonly send: ExporterContext['send'];
}

/** The reason; undefined: the upload succeeded. */
export type UploadFailure = string | undefined;

/** 1 Mbit/s. A slower connection needs several attempts. */
const EXPECTED_BYTES_PER_MS = 125;
const SUCCESS: ExportOutcome = { kind: 'success' };

/** Never rejects. */
export async function uploadMedia(
  server: MediaServer,
  media: Media,
  location: MediaLocation,
): Promise<UploadFailure> {
  try {
    const asked = await askForAddress(server, media, location);
    if ('failure' in asked) return asked.failure;
    const { uploadUrl } = asked;
    // The server has the content already.
    if (uploadUrl === null) return undefined;
    // The event refers to it by our id.
    if (asked.mediaId !== media.id)
      return `the server knows it as ${redactUntrusted(String(asked.mediaId)) || 'something else'}`;
    if (typeof uploadUrl !== 'string') return 'the server names no URL to upload to';
    const target = server.mayUpload(uploadUrl);
    return 'refusal' in target ? target.refusal : await putAndReport(server, media, target);
  } catch (error) {
    return redactUntrusted(messageOf(error)) || nameOf(error);
  }
}

async function askForAddress(
  server: MediaServer,
  { contentType, contentBytes, sha256 }: Media,
  location: MediaLocation,
): Promise<{ mediaId: unknown; uploadUrl: unknown } | { failure: string }> {
  const { url, headers, secrets, send } = server;
  const question = { contentType, contentLength: contentBytes, sha256Hash: sha256, ...location };
  let answer: { mediaId?: unknown; uploadUrl?: unknown } = {};
  const asked = { url, publicKey: headers['x-langfuse-public-key'], sent: { secrets, bodies: [] } };
  const outcome = await send(jsonRequest('POST', url, server, question), (response) => {
    const failed = outcomeOfStatus(response, asked);
    if (failed !== undefined) return failed;
    answer = parseObject(response.body);
    return SUCCESS;
  });
  if (outcome.kind !== 'success') return { failure: reasonOf(outcome) };
  const { mediaId, uploadUrl } = answer;
  if (typeof mediaId !== 'string') return { failure: 'the server answered without a mediaId' };
  return { mediaId, uploadUrl };
}

async function putAndReport(
  server: MediaServer,
  media: Media,
  { url, guard, calledHost }: UploadTarget,
): Promise<UploadFailure> {
  const startedAt = monotonicNow();
  let status: number | undefined;
  const outcome = await server.send(
    {
      method: 'PUT',
      url,
      headers: storageHeaders(url, media),
      guard,
      calledHost,
      body: media.read(),
      extraTimeMs: Math.ceil(media.contentBytes / EXPECTED_BYTES_PER_MS),
    },
    (response) => {
      status = response.status;
      return outcomeOfStorage(response);
    },
  );
  const failure =
    outcome.kind === 'success' ? undefined : `the storage did not take it: ${reasonOf(outcome)}`;
  if (status === undefined) return failure;
  const reported = await report(server, media, status, monotonicNow() - startedAt);
  return failure ?? reported;
}

/**
 * The server does not show media before their upload is reported. Only the status is reported: the server, which has named the
 * storage, must not learn what the storage answers.
 */
async function report(
  server: MediaServer,
  { id }: Media,
  status: number,
  uploadTimeMs: number,
): Promise<UploadFailure> {
  const body = {
    uploadedAt: new Date(systemNow()).toISOString(),
    uploadHttpStatus: status,
    uploadTimeMs: Math.round(uploadTimeMs),
  };
  const { url, secrets, send } = server;
  const request = jsonRequest('PATCH', `${url}/${id}`, server, body);
  const asked = { url, sent: { secrets, bodies: [request.body as Buffer] } };
  const outcome = await send(request, (response) => outcomeOfStatus(response, asked) ?? SUCCESS);
  return outcome.kind === 'success' ? undefined : `its upload could not be reported: ${reasonOf(outcome)}`;
}

/** The address is presigned and needs no keys of ours. Messages must not show it, nor any text that may repeat it. */
function outcomeOfStorage({ status, headers }: ExportResponse): ExportOutcome {
  if (isSuccess(status)) return SUCCESS;
  const reason = `HTTP ${status}`;
  if (!isRetryable(status)) return { kind: 'failure', reason };
  const retryAfterMs = parseRetryAfter(headers['retry-after'], systemNow());
  return retryAfterMs === undefined
    ? { kind: 'retryable', reason }
    : { kind: 'retryable', reason, retryAfterMs };
}

/** S3 and compatible storages check the sum, Azure requires the blob's type, Google refuses headers that were not signed. */
function storageHeaders(uploadUrl: string, { contentType, sha256 }: Media): Record<string, string> {
  const { hostname } = new URL(uploadUrl);
  const isGoogle = hostname === 'storage.googleapis.com' || hostname.endsWith('.storage.googleapis.com');
  const headers = { 'content-type': contentType };
  return isGoogle ? headers : { ...headers, 'x-amz-checksum-sha256': sha256, 'x-ms-blob-type': 'BlockBlob' };
}

function jsonRequest(
  method: 'POST' | 'PATCH',
  url: string,
  { headers, tls }: MediaServer,
  body: unknown,
): ExportRequest {
  const json = { ...headers, 'content-type': 'application/json' };
  const request = { method, url, headers: json, body: Buffer.from(stringifyWellFormed(body) as string) };
  return tls === undefined ? request : { ...request, tls };
}

function parseObject(body: Uint8Array): object {
  try {
    return Object(JSON.parse(Buffer.from(body).toString()));
  } catch {
    return {};
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function reasonOf(outcome: ExportOutcome): string {
  return 'reason' in outcome ? outcome.reason : outcome.kind;
}
