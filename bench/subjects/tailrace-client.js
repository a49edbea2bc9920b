/** What the rows of ours share. */
export const DIST = '../../dist/esm/index.js';

export async function loadTailrace(options) {
  const { Tailrace } = await import(DIST);
  return ({ url }) => {
    const tailrace = new Tailrace({
      publicKey: 'pk-lf-bench',
      secretKey: 'sk-lf-bench',
      baseUrl: url,
      ...options,
    });
    return {
      openTrace: () => tailrace.trace({ name: 'conversation', userId: 'u-1' }),
      record(trace, name, input, output) {
        trace.generation({ name, model: 'gpt-4o', input }).end({ output });
      },
      // A trace need not be ended; langfuse 3 has no call for it at all.
      closeTrace() {},
      flush: () => tailrace.flush(),
      shutdown: () => tailrace.shutdown(),
      counts: () => tailrace.stats(),
    };
  };
}
