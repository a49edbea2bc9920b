/** Reads one address again and again on a connection of its own: `reader.js URL PAUSE_MS`. Prints the times in ms when it is told to end. */
import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { call } from './server.js';

const [url, pauseMs] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const times = [];
let isEnding = false;
process.on('message', () => {
  isEnding = true;
});
process.send('ready');
while (!isEnding) {
  const { status, ms, text } = await call(url, { agent });
  if (status !== 200) throw new Error(`the receiver has answered ${status}: ${text}`);
  times.push(ms);
  await pause(Number(pauseMs));
}
process.send(times);
process.disconnect();
agent.destroy();
