/** A client that is made, used and flushed inside a request, while others go on (needs --expose-gc): writes whether the request's context is gone. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout } from 'node:timers/promises';
import { Tailrace } from 'tailrace';

const [baseUrl, worker] = process.argv.slice(2);
const storage = new AsyncLocalStorage();
let gone = 0;
const collected = new FinalizationRegistry(() => gone++);
let client;
const attached = [];

async function serve(number) {
  const context = { number };
  collected.register(context);
  await storage.run(context, async () => {
    client ??= new Tailrace({
      publicKey: 'pk',
      secretKey: 'sk',
      baseUrl,
      worker: worker === 'true',
      flushInterval: 0.02,
    });
    client
      .trace({ name: `trace-${number}` })
      .span({ name: `span-${number}` })
      .end();
    await client.flush();
    const one = Tailrace.attach(client.handle());
    attached.push(one);
    one.event({ name: `event-${number}` });
    await one.flush();
  });
}

for (let number = 0; number < 3; number++) await serve(number);
// Something is always open, so that the timer for it goes on.
client.span({ name: 'open' });
for (let tries = 0; tries < 1_500 && gone < 3; tries++) {
  globalThis.gc();
  await setTimeout(10);
}
console.log(gone);
