/** Secrets and payloads in messages: there are none, whatever goes wrong and wherever messages go. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { asLangfuse } from '../support/clients.js';
import { type Answer, startSink } from '../support/sink.js';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'test/support/telling-secrets.mjs');
const run = promisify(execFile);

/** In each secret and payload of the program; what encodes or cuts them. */
const SECRETS = [
  '5weep',
  'PATIENT',
  'diabetes',
  'sk-lf-',
  Buffer.from('pk-lf-public:sk-lf-5weep-secret').toString('base64'),
  Buffer.from('PATIENT').toString('base64').slice(0, -4),
];

/** Shows what it is sent in its answer, as the first part of the path says. */
const showing: Answer = (request, response, index) => {
  const [, path = ''] = request.url.split('/');
  const shown = `${JSON.stringify(request.headers)} ${request.body}`;
  const ofOnce = path === 'rejecting' ? rejection(request.body.toString('latin1')) : undefined;
  if (path === 'silent') return;
  if (/^\d+$/.test(path)) return response.writeHead(Number(path)).end(`wrong: ${request.body} ${shown}`);
  if (path === 'page') return response.end(`<html><style>a</style><pre>${shown}</pre></html>`);
  if (path === 'redirect') {
    const location = 'http://user:5weep-password@elsewhere.example/?token=5weep-token';
    return response.writeHead(302, { location }).end(shown);
  }
  if (path === 'media' && request.url.endsWith('/media')) return response.writeHead(500).end(shown);
  if (request.url.endsWith('/ingestion') && path === 'refusing') {
    const { batch } = JSON.parse(request.body.toString()) as { batch: { id: string }[] };
    const errors = batch.map((event) => ({
      id: event.id,
      status: 400,
      message: `cannot take ${JSON.stringify(event)}`,
      error: [{ received: event, headers: request.headers }],
    }));
    return response.writeHead(207).end(JSON.stringify({ successes: [], errors }));
  }
  if (request.url.endsWith('/traces') && ofOnce !== undefined) return response.end(ofOnce);
  return asLangfuse(request, response, index);
};

function rejection(body: string): string {
  const errorMessage = `wrong: ${body.slice(body.indexOf('PATIENT'))}`;
  return JSON.stringify({ partialSuccess: { rejectedSpans: 1, errorMessage } });
}

/** What has to be among the messages: the program has been where it was to go. */
const EXPECTED = [
  /option flushAt must be/,
  /option baseUrl must be/,
  /option baseUrl holds a user/,
  /option additionalHeaders must be/,
  /option additionalHeaders must hold/,
  /the options must be an object/,
  /HTTP 400: wrong/,
  /HTTP 401: /,
  /HTTP 403: /,
  /HTTP 404: /,
  /HTTP 413: /,
  /HTTP 500: /,
  /with a web page instead/,
  /redirects to http:\/\/elsewhere\.example,/,
  /HTTP 400: cannot take/,
  /not delivered.*: wrong: /,
  /looks like a secret key/,
  /undelivered after 3000 ms/,
  /no answer within/,
  /dropping events/,
  /cannot be used, delivery goes on without it/,
  /a field could not be read/,
  /the function of maskModule threw/,
  /the mask function threw/,
  /was not uploaded/,
  /its largest values were cut/,
  /could not be encoded and is skipped/,
  /the exporter could not make a request/,
  /after shutdown/,
];

it.each(['logger', 'listeners', 'console'])('by way of %s and channels', async (way) => {
  const sink = await startSink(showing);
  onTestFinished(() => sink.close());
  const { stdout, stderr } = await run(process.execPath, [PROGRAM, sink.url, way], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  // The last line, which JSON never breaks; a message may hold what looks like its beginning.
  const end = stdout.trimEnd().lastIndexOf('\n') + 1;
  const lines = [stdout.slice(0, end), stderr].flatMap((text) => text.split('\n'));
  const told = [...(JSON.parse(stdout.slice(end)) as string[]), ...lines];
  expect(EXPECTED.filter((message) => !told.some((one) => message.test(one)))).toEqual([]);
  const telling = told.filter((message) => SECRETS.some((secret) => message.includes(secret)));
  expect(telling).toEqual([]);
});
