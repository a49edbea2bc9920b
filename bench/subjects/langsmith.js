/** Through RunTree, which is LangSmith's way to trace by hand. The sink's /info turns compression off. */
export const subject = {
  label: 'langsmith',
  packages: ['langsmith'],
  delivers: true,
  async load() {
    const { Client, RunTree } = await import('langsmith');
    return ({ url }) => {
      const client = new Client({ apiUrl: url, apiKey: 'lsv2_bench' });
      const common = { client, project_name: 'bench', tracingEnabled: true };
      return {
        openTrace() {
          const run = new RunTree({ ...common, name: 'conversation', run_type: 'chain', inputs: {} });
          void run.postRun();
          return run;
        },
        record(trace, name, messages, output) {
          const run = trace.createChild({
            name,
            run_type: 'llm',
            inputs: { messages },
            extra: { metadata: { ls_model_name: 'gpt-4o' } },
          });
          void run.postRun();
          void run.end({ messages: [output] });
          void run.patchRun();
        },
        closeTrace(trace) {
          void trace.end({});
          void trace.patchRun();
        },
        flush: () => client.awaitPendingTraceBatches(),
        shutdown: () => client.awaitPendingTraceBatches(),
      };
    };
  },
};
