/** What the tests of export and import share: servers with traces, files of each format, and all that a server answers about them. */
import { get } from 'node:http';
import { onTestFinished } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/receiver.js';
import type { ExportSummary, ImportSummary } from '../../src/viewer/data/transfer.js';

const AUTHORIZATION = `Basic ${btoa('pk:sk')}`;

export async function server(): Promise<Receiver> {
  const receiver = await startReceiver({ port: 0 });
  onTestFinished(() => receiver.close());
  return receiver;
}

export async function ask(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, { ...init, headers: { authorization: AUTHORIZATION, ...init.headers } });
  const text = await response.text();
  if (!response.ok && response.status !== 207) throw new Error(`${url}: HTTP ${response.status}: ${text}`);
  return text;
}

export async function ingest({ url }: Receiver, batch: object[]): Promise<{ errors: object[] }> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ batch });
  return JSON.parse(await ask(`${url}/api/public/ingestion`, { method: 'POST', headers, body }));
}

export interface Exported {
  text: string;
  lines: string[];
  summary: ExportSummary;
}

/** `query`: the format and filters. */
export function exported({ url }: Receiver, query = ''): Promise<Exported> {
  return new Promise((resolve, reject) => {
    get(`${url}/api/tailrace/export?${query}`, async (response) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}: ${text}`);
        const summary = JSON.parse(decodeURIComponent(response.trailers['x-tailrace-summary'] as string));
        resolve({ text, lines: text.split('\n').filter((line) => line !== ''), summary });
      } catch (error) {
        reject(error);
      }
    }).on('error', reject);
  });
}

export async function imported({ url }: Receiver, body: string | Uint8Array): Promise<ImportSummary> {
  return JSON.parse(await ask(`${url}/api/tailrace/import`, { method: 'POST', body: body as string }));
}

/** Each answer of the API that tells of what is stored, as its text. Waits for estimates. */
export async function answersOf(receiver: Receiver): Promise<Record<string, string>> {
  await receiver.usage();
  const answers: Record<string, string> = {};
  const read = async (path: string) => {
    answers[path] = await ask(`${receiver.url}/api/public/${path}`);
    return JSON.parse(answers[path] as string) as { data: { id: string }[] };
  };
  const { data } = await read('traces?limit=100');
  for (const { id } of data) {
    await read(`traces/${encodeURIComponent(id)}?estimates=true`);
    await read(
      `v2/observations?traceId=${encodeURIComponent(id)}&fields=core,basic,time,io,metadata,model,usage,prompt,metrics`,
    );
  }
  await read('observations?limit=100');
  await read('v2/scores?limit=100');
  await read('sessions?limit=100');
  await read('comments?limit=100');
  const complaints = JSON.parse(await ask(`${receiver.url}/api/public/tailrace/complaints?limit=100`));
  answers.complaints = complaints.data
    .map(({ timestamp: _time, ...complaint }: { timestamp: string }) => JSON.stringify(complaint))
    .sort()
    .join('\n');
  return answers;
}

/** Without when the server got it. */
export function withoutArrival(answers: Record<string, string>): Record<string, unknown> {
  const drop = (key: string, value: unknown) =>
    key === 'createdAt' || key === 'updatedAt' ? undefined : value;
  return Object.fromEntries(
    Object.entries(answers)
      .filter(([path]) => path !== 'complaints')
      .map(([path, text]) => [path, JSON.parse(text, drop)]),
  );
}
