/** A program in TypeScript, with a mask in TypeScript, which traces one thing to the server at its argument. */
import { Tailrace } from 'tailrace';

const messages: string[] = [];
const client = new Tailrace({
  publicKey: 'pk-lf-test',
  secretKey: 'sk-lf-test',
  baseUrl: process.argv[2] as string,
  compression: 'none',
  maskModule: new URL('./masks/typed.ts', import.meta.url),
});
client.on('warning', (message: string) => messages.push(message));
client.event({ name: 'typed', input: 'payload' });
const { sent } = await client.flush();
await client.shutdown();
console.log(JSON.stringify({ sent, messages }));
