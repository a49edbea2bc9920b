/** Compressed bodies: what any decoder makes of them is the body, with WebAssembly and without. */
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { createGunzip, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gzip } from '../../../../src/consumer/compression/gzip.js';

const BLOCK_BYTES = 128 * 1024;
const WINDOW_BYTES = 32 * 1024;

/** Not `toEqual`, which takes seconds for a megabyte. */
function expectBody(compressed: Uint8Array, body: Uint8Array): void {
  expect(gunzipSync(compressed).equals(body)).toBe(true);
}

function roundTrip(...pieces: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(pieces);
  const compressed = gzip(pieces, body.byteLength);
  expectBody(compressed, body);
  return compressed;
}

/** The same on each run. From 0 to 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Hardly anything in it occurs twice. */
function noise(byteLength: number, seed = 1): Buffer {
  const next = randomNumbers(seed);
  return Buffer.from(Uint8Array.from({ length: byteLength }, () => 256 * next()));
}

function textOf(words: readonly string[], characters: number): Buffer {
  const order = noise(characters);
  let text = '';
  for (let i = 0; text.length < characters; i++) text += words[(order[i] as number) % words.length];
  return Buffer.from(text);
}

const ENGLISH = textOf(
  ['the ', 'flight ', 'is ', 'available', '. ', '"price": ', '120', '\\n', 'basic economy '],
  300_000,
);
const CHINESE = textOf(['航班', '可用', '，', '价格', '经济舱', '。', '请问您', '今天'], 100_000);
const BASE64 = Buffer.from(noise(300_000).toString('base64'));

function slice(bytes: Buffer, index: number, byteLength: number): Buffer {
  return bytes.subarray(index * byteLength, (index + 1) * byteLength);
}

/** Each symbol occurs so much more rarely than the one before. */
function steepBytes(factor: number): Buffer {
  const next = randomNumbers(1);
  const symbol = () => Math.log(next() + 2 ** -33) / Math.log(factor);
  return Buffer.from(Uint8Array.from({ length: BLOCK_BYTES }, symbol));
}

describe('a compressed body', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 257, 258, 259, 260, 65_535, 65_536, 65_537])(
    'is the body, of %i bytes of one kind, of noise and of text',
    (byteLength) => {
      roundTrip(Buffer.alloc(byteLength));
      roundTrip(noise(byteLength));
      roundTrip(ENGLISH.subarray(0, byteLength));
    },
  );

  it.each([1, 2, 3, 5, 6, 7, 8, 15, 16, 17, 258, 259])(
    'is the body, if that repeats itself after %i bytes: matches overlap with what they copy',
    (period) => {
      const unit = noise(period);
      const body = Buffer.alloc(3 * BLOCK_BYTES + period, unit);
      expect(roundTrip(body).byteLength).toBeLessThan(4_000);
    },
  );

  it.each([-2, -1, 0, 1, 2])(
    'is the body at the edge of a block and at the far edge of the window, %i bytes off',
    (off) => {
      for (const blocks of [1, 2]) roundTrip(ENGLISH.subarray(0, blocks * BLOCK_BYTES + off));
      for (const blocks of [1, 2]) roundTrip(noise(blocks * BLOCK_BYTES + off));
      const phrase = noise(300, 2);
      roundTrip(phrase, noise(WINDOW_BYTES - phrase.byteLength + off, 3), phrase);
      roundTrip(noise(BLOCK_BYTES - 150 + off), phrase, phrase, noise(BLOCK_BYTES - 500), phrase, phrase);
    },
  );

  it('finds what was 32 KiB before, and not a byte further away', () => {
    const phrase = Buffer.from(noise(1_000).toString('hex'));
    const sizeAt = (distance: number) =>
      roundTrip(phrase, Buffer.alloc(distance - phrase.byteLength), phrase).byteLength;
    expect(sizeAt(WINDOW_BYTES) + 900).toBeLessThan(sizeAt(WINDOW_BYTES + 1));
  });

  it('is the body, if codes reach their limit of bits', () => {
    for (const factor of [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]) roundTrip(steepBytes(factor));
    // The code of the numbers of bits has a limit of its own, seven.
    roundTrip(steepBytes(0.5), noise(40_000), ENGLISH, steepBytes(0.6));
    // The longest codes in a row, with any number of bits before them.
    const rare = Buffer.from([101, 102, 103, 104, 105, 106, 107, 108]);
    const before = steepBytes(0.6).subarray(rare.byteLength);
    for (let from = 0; from < 40; from++) roundTrip(before.subarray(from), rare);
  });

  it('is the body, whatever it is', () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ maxLength: 2_000, max: 3 }),
      fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => Buffer.from(text)),
      fc
        .record({ unit: fc.uint8Array({ minLength: 1, maxLength: 300 }), times: fc.nat(300) })
        .map(({ unit, times }) => Buffer.alloc(unit.byteLength * times, unit)),
      fc
        .record({ from: fc.nat(200_000), bytes: fc.nat(60_000) })
        .map(({ from, bytes }) => ENGLISH.subarray(from, from + bytes)),
      fc.nat(40_000).map((bytes) => noise(bytes)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (pieces) => void roundTrip(...pieces)),
      { numRuns: 200 },
    );
  });

  it('is the same, however it is divided, and after whatever body', () => {
    const body = Buffer.concat([ENGLISH, BASE64, CHINESE]);
    const whole = roundTrip(body);
    roundTrip(noise(2 * BLOCK_BYTES));
    for (const bytes of [1_000, 4_083, BLOCK_BYTES, BLOCK_BYTES + 1]) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < body.byteLength; at += bytes)
        pieces.push(body.subarray(at, at + bytes), Buffer.alloc(0));
      expect(Buffer.compare(roundTrip(...pieces), whole)).toBe(0);
    }
  });

  it('has memory of its own: the next body does not change it', () => {
    const first = gzip([ENGLISH], ENGLISH.byteLength);
    roundTrip(CHINESE);
    expectBody(first, ENGLISH);
  });

  it('of more than 8 MiB is made by zlib', () => {
    const body = Buffer.alloc(9 * 1024 * 1024, ENGLISH);
    expect(Buffer.compare(roundTrip(body), gzipSync(body, { level: 1 }))).toBe(0);
    roundTrip(body.subarray(0, 8 * 1024 * 1024));
  });

  it.each([
    ['English', 1.1, [ENGLISH]],
    ['Chinese', 1.1, [CHINESE]],
    ['an image', 1.1, [BASE64]],
    ['images in text', 1.1, [0, 1, 2].flatMap((i) => [slice(BASE64, i, 40_000), slice(ENGLISH, i, 30_000)])],
    ['an image again', 1.2, [0, 1, 2].flatMap((i) => [slice(BASE64, 0, 12_000), slice(ENGLISH, i, 3_000)])],
  ])('is about as small as that of zlib: %s', (_, factor, pieces) => {
    const byZlib = gzipSync(Buffer.concat(pieces), { level: 1 });
    expect(roundTrip(...pieces).byteLength).toBeLessThan(factor * byZlib.byteLength);
  });

  it('takes little more than a body of noise: 18 bytes for gzip, 5 for each 64 KiB', () => {
    for (const byteLength of [1, 1_000, 65_535, 65_536, BLOCK_BYTES, 1_000_000]) {
      const parts = Math.ceil(byteLength / BLOCK_BYTES) * 3;
      expect(roundTrip(randomBytes(byteLength)).byteLength).toBeLessThanOrEqual(byteLength + 18 + 5 * parts);
    }
  });
});

describe('other decoders', () => {
  const body = Buffer.concat([ENGLISH, noise(200_000), CHINESE, BASE64, Buffer.alloc(400_000)]);

  it('read it byte by byte', async () => {
    const text = ENGLISH.subarray(0, 50_000);
    const bytes = gzip([text], text.byteLength);
    const single = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
    const read = await buffer(Readable.from(single).pipe(createGunzip()));
    expect(read.equals(text)).toBe(true);
  });

  it.skipIf(process.platform === 'win32')('gzip of the system reads it', () => {
    const options = { input: gzip([body], body.byteLength), maxBuffer: 16 * 1024 * 1024 };
    execFileSync('gzip', ['-t'], options);
    expect(execFileSync('gzip', ['-dc'], options).equals(body)).toBe(true);
  });
});

describe('WebAssembly', () => {
  const withoutChecksum = `
    import { syncBuiltinESMExports } from 'node:module';
    import zlib from 'node:zlib';
    zlib.crc32 = undefined;
    syncBuiltinESMExports();`;

  // With one page it cannot start, with 16 it has no memory for the output of this body.
  it.each([
    ['--jitless', ''],
    ['--wasm-max-mem-pages=1', ''],
    ['--wasm-max-mem-pages=16', ''],
    ['--no-warnings', withoutChecksum],
  ])('is not needed: with %s%s zlib compresses', async (flag, before) => {
    const program = `${before}
        import { gunzipSync, gzipSync } from 'node:zlib';
        const { gzip } = await import(${JSON.stringify(new URL('../../../../dist/consumer/compression/gzip.js', import.meta.url).href)});
        const pieces = [Buffer.from('{"spans":['), Buffer.alloc(2_000_000, '{"id":1},'), Buffer.from(']}')];
        const body = Buffer.concat(pieces);
        const compressed = gzip(pieces, body.byteLength);
        if (!gunzipSync(compressed).equals(body)) throw new Error('another body');
        process.stdout.write(String(gzipSync(body, { level: 1 }).equals(compressed)));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      flag,
      '--input-type=module',
      '--eval',
      program,
    ]);
    expect(stdout).toBe('true');
  });
});
