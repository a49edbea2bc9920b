/** A program that tells its thread to trust the certificate at its second argument, when the third says, and traces one thing. */
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { Tailrace } from 'tailrace';

const [url, certificate, when, options = '{}'] = process.argv.slice(2);
const trust = () =>
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(certificate, 'utf8')]);

if (when !== 'late' && when !== 'never') trust();
const messages = [];
const client = new Tailrace({
  publicKey: 'pk-lf-test',
  secretKey: 'sk-lf-test',
  baseUrl: url,
  flushInterval: 0.01,
  ...JSON.parse(options),
});
client.on('error', (message) => messages.push(message));
client.on('warning', (message) => messages.push(message));
if (when === 'late') {
  client.event({ name: 'refused' });
  // Nothing of the client keeps a process alive.
  const keepAlive = setInterval(() => {}, 2 ** 30);
  await new Promise((resolve) => client.on('warning', resolve));
  clearInterval(keepAlive);
  messages.length = 0;
  trust();
}
client.event({ name: 'trusted' });
if (when === 'exit') process.exit();
const { sent, failed } = await client.flush();
await client.shutdown();
console.log(JSON.stringify({ sent, failed, messages }));
