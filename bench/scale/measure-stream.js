/**
 * What an entry costs Redis, when it is added and when it is brought on, and what it costs a forwarder, by its size. Bodies are those that
 * clients have made; each entry gets an id of its own, as the forwarder drops repeats.
 */
import { setTimeout } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { runExporter } from '../exporters/run-exporter.js';
import { startForwarder, toClickhouse, toLangfuse, untilEmpty } from './forwarder.js';
import { startWitness } from './witness.js';

const STREAM = 'tailrace:0';
/** Bodies from about 1 kB to about 2 MB. */
const SIZES = [
  { flushAt: 1, compression: 'gzip', entries: 6_000 },
  { flushAt: 32, compression: 'gzip', entries: 3_000 },
  { flushAt: 128, compression: 'gzip', entries: 1_200 },
  { flushAt: 512, compression: 'gzip', entries: 500 },
  { flushAt: 512, compression: 'none', entries: 120 },
];
const AT_ONCE = 16;
const REST_MS = 3_000;
const LOOKS_PER_SECOND = 5;

export async function measureStream(redis, { share, least, say }) {
  const raw = (await createClient({ url: redis.url, RESP: 2 }).connect()).withTypeMapping({ 36: Buffer });
  const witness = await startWitness();
  const sizes = [];
  for (const { flushAt, compression, entries } of least ? SIZES.slice(1, 3) : SIZES) {
    say(`redis and forwarder · entries of ${flushAt} events · ${compression}`);
    const fields = await realEntry(redis, raw, { flushAt, compression });
    const size = await measureSize(redis, raw, witness, fields, Math.ceil(entries * share));
    sizes.push({ flushAt, compression, bodyBytes: fields.at(-1).byteLength, ...size });
  }
  const look = await measureLook(redis, witness);
  raw.destroy();
  witness.stop();
  return { sizes, look };
}

/** The fields of the first entry that a real client adds. */
async function realEntry(redis, raw, options) {
  await redis.ask('FLUSHALL');
  const job = { workload: '2KB-english', perSecond: 2_000, warmUp: options.flushAt, events: 1 };
  await runExporter({ ...job, options: { exporter: 'redis', redis: { url: redis.url }, ...options } });
  const [[, fields]] = await raw.sendCommand(['XRANGE', STREAM, '-', '+', 'COUNT', '1']);
  await redis.ask('FLUSHALL');
  return fields;
}

async function measureSize(redis, raw, witness, fields, entries) {
  const added = await add(redis, raw, fields, entries, 'first');
  const { redisMicros: takeMicros, forwarderMicros: forwardMicros } = await drain(
    redis,
    toLangfuse(witness.url),
    entries,
  );
  const figures = { ...added, takeMicros, forwardMicros };
  if (toClickhouse === undefined) return figures;
  await add(redis, raw, fields, entries, 'second');
  const { requests } = await witness.look();
  const { forwarderMicros: rowsMicros } = await drain(redis, toClickhouse(witness.url), entries);
  return { ...figures, rowsMicros, entriesPerInsert: entries / ((await witness.look()).requests - requests) };
}

/** `name`: begin of the ids, which the forwarder must not have seen. */
async function add(redis, raw, fields, entries, name) {
  const idAt = fields.findIndex((field) => String(field) === 'id') + 1;
  const memory = await redis.usedMemory();
  const before = await redis.cpuMicros();
  for (let first = 0; first < entries; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, entries - first) }, (_, i) => first + i);
    // As the exporter does: the length comes with each entry.
    await Promise.all(
      numbers.flatMap((number) => [
        raw.sendCommand(['XADD', STREAM, '*', ...fields.with(idAt, `${name}-${number}`)]),
        raw.sendCommand(['XLEN', STREAM]),
      ]),
    );
  }
  return {
    addMicros: ((await redis.cpuMicros()) - before) / entries,
    memoryBytes: ((await redis.usedMemory()) - memory) / entries,
  };
}

/** A forwarder brings all of them to `target`. */
async function drain(redis, target, entries) {
  const forwarder = await startForwarder(redis.url, ...target);
  const before = { forwarder: forwarder.cpuMicros(), redis: await redis.cpuMicros() };
  await untilEmpty(redis);
  const figures = {
    redisMicros: ((await redis.cpuMicros()) - before.redis) / entries,
    forwarderMicros: (forwarder.cpuMicros() - before.forwarder) / entries,
  };
  await forwarder.stop();
  return figures;
}

/**
 * CPU of one look at an empty stream. A forwarder without work looks four times a second, and measures its lag once. Redis has work of
 * its own in each second.
 */
async function measureLook(redis, witness) {
  const alone = await redisMicrosIn(redis, REST_MS);
  const forwarder = await startForwarder(redis.url, ...toLangfuse(witness.url));
  await setTimeout(REST_MS / 3);
  const before = forwarder.cpuMicros();
  const together = await redisMicrosIn(redis, REST_MS);
  const looks = (REST_MS / 1000) * LOOKS_PER_SECOND;
  const figures = {
    forwarderMicros: (forwarder.cpuMicros() - before) / looks,
    redisMicros: Math.max(0, together - alone) / looks,
    redisMicrosPerSecond: alone / (REST_MS / 1000),
  };
  await forwarder.stop();
  return figures;
}

async function redisMicrosIn(redis, ms) {
  const before = await redis.cpuMicros();
  await setTimeout(ms);
  return (await redis.cpuMicros()) - before;
}
