/** What a server says of a request over OTLP that it took: in protobuf, in JSON, or in no language at all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomeOfOtlp } from '../../../../src/exporters/otlp/response.js';

const read = (body: Uint8Array, warnings: string[] = []) =>
  outcomeOfOtlp({ status: 200, headers: {}, body }, (_, message) => warnings.push(message));
const partial = (...bytes: number[]) => Buffer.from([10, bytes.length, ...bytes]);

describe('the answer to a request over OTLP', () => {
  it('that is empty, or says nothing of a partial success, is a success', () => {
    for (const body of [
      '',
      '\n\0',
      '{}',
      '{"partialSuccess":{}}',
      '{"partialSuccess":null}',
      '{"partialSuccess":',
    ]) {
      expect(read(Buffer.from(body))).toEqual({ kind: 'success' });
    }
  });

  it('that says nothing is not compared with what was sent, which would cost more than to encode it', () => {
    const body = Object.defineProperty(new Uint8Array(1), 'byteLength', {
      get: () => {
        throw new Error('has been read');
      },
    });
    const sent = { secrets: [], bodies: [body] };
    const answer = (text: string) =>
      outcomeOfOtlp({ status: 200, headers: {}, body: Buffer.from(text) }, () => {}, sent);
    for (const text of ['', '{}', '{"partialSuccess":{"errorMessage":" "}}']) {
      expect(answer(text)).toEqual({ kind: 'success' });
    }
    expect(() => answer('{"partialSuccess":{"errorMessage":"bad"}}')).toThrow('has been read');
  });

  it('names how many spans it rejects, and why', () => {
    expect(read(partial(8, 0xac, 2, 18, 3, 0x62, 0x61, 0x64))).toEqual({
      kind: 'rejected',
      count: 300,
      reason: 'bad',
    });
    expect(read(Buffer.from('{"partialSuccess":{"rejectedSpans":2}}'))).toEqual({
      kind: 'rejected',
      count: 2,
      reason: 'no reason given',
    });
  });

  it('passes on what it says though it took all', () => {
    const warnings: string[] = [];
    expect(read(partial(18, 4, ...Buffer.from('slow')), warnings)).toEqual({ kind: 'success' });
    expect(warnings).toEqual(['the server took all spans, and says: slow']);
  });

  it('of any bytes is read without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, inPartial) => {
        expect(['success', 'rejected']).toContain(read(inPartial ? partial(...bytes) : bytes).kind);
      }),
    );
    // A negative number, as ten bytes.
    expect(read(partial(8, ...new Array(9).fill(0xff), 1))).toEqual({ kind: 'success' });
  });
});
