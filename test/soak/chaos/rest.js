/** A last client that sends what all others have left in the spool. */
import { Tailrace } from 'tailrace';

/** @returns how many events it has sent, and how many it has counted as lost. */
export async function sendRest(url, spoolDir, number) {
  const client = new Tailrace({
    publicKey: 'pk-chaos',
    secretKey: 'sk-chaos-secret',
    baseUrl: url,
    spoolDir,
  });
  client.on('error', () => {});
  client.on('warning', () => {});
  client.event({ name: `rest.${number}` });
  await client.flush();
  const { recovered, unrecovered, failed } = await client.shutdown();
  return { lost: unrecovered + failed, recovered };
}
