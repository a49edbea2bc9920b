/** A service that makes a client for each request, and flushes it. Writes how many worker threads there are, and what was counted. */
import { Tailrace } from 'tailrace';

const [baseUrl, requests, mode] = process.argv.slice(2);
const keys = (request) => (mode === 'tenants' ? `pk-${request}` : 'pk');
const warnings = [];
let accepted = 0;

async function serve(request) {
  const client = new Tailrace({
    publicKey: keys(request),
    secretKey: 'sk',
    baseUrl,
    release: `r-${request}`,
  });
  client.on('warning', (message) => warnings.push(message));
  client
    .trace({ name: `request-${request}` })
    .generation({ name: `g-${request}` })
    .end();
  if (mode === 'concurrent') await new Promise((resolve) => setImmediate(resolve));
  const counts = await client.flush();
  accepted = counts.accepted;
}

const all = Array.from({ length: Number(requests) }, (_, request) => request);
if (mode === 'concurrent') await Promise.all(all.map(serve));
else for (const request of all) await serve(request);
const { workers, header } = process.report.getReport();
console.log(JSON.stringify({ threads: workers.length, accepted, warnings, version: header.nodejsVersion }));
