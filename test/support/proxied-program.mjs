/** A program that traces one thing to the server at its first argument, and prints what became of it. Options are in the second. */
import { Tailrace } from 'tailrace';

const [url, options = '{}'] = process.argv.slice(2);
const messages = [];
const client = new Tailrace({
  publicKey: 'pk-lf-test',
  secretKey: 'sk-lf-test',
  baseUrl: url,
  retryWindowMs: 0,
  ...JSON.parse(options),
});
client.on('error', (message) => messages.push(message));
client.on('warning', (message) => messages.push(message));
client.event({ name: 'proxied', input: 'hello' });
const { sent, failed } = await client.flush();
await client.shutdown();
console.log(JSON.stringify({ sent, failed, messages }));
