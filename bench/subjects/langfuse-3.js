export const subject = {
  label: 'langfuse 3',
  packages: ['langfuse'],
  delivers: true,
  async load() {
    const { Langfuse } = await import('langfuse');
    return ({ url }) => {
      const langfuse = new Langfuse({ publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench', baseUrl: url });
      return {
        openTrace: () => langfuse.trace({ name: 'conversation', userId: 'u-1' }),
        record(trace, name, input, output) {
          trace.generation({ name, model: 'gpt-4o', input }).end({ output });
        },
        closeTrace() {},
        flush: () => langfuse.flushAsync(),
        shutdown: () => langfuse.shutdownAsync(),
      };
    };
  },
};
