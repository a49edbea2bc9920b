/** A last client that sends what all others have left in the spool. */
import { setTimeout } from 'node:timers/promises';
import { Tailrace } from 'tailrace';

/** @returns how many events it has sent, and how many it was told are lost. */
export async function sendRest(url, spoolDir) {
  const client = new Tailrace({
    publicKey: 'pk-chaos',
    secretKey: 'sk-chaos-secret',
    baseUrl: url,
    spoolDir,
  });
  let lost = 0;
  client.on('error', (_message, { events }) => {
    lost += events;
  });
  client.on('warning', () => {});
  client.event({ name: 'rest.0' });
  await client.flush();
  const { recovered } = await client.shutdown();
  await setTimeout(0);
  return { lost, recovered };
}
