/** Captures a generation by hand, as its documentation of LLM analytics shows: one event, nothing to start or end. */
export const subject = {
  label: 'posthog-node',
  packages: ['posthog-node'],
  delivers: true,
  async load() {
    const { PostHog } = await import('posthog-node');
    return ({ url }) => {
      const posthog = new PostHog('phc_bench', { host: url, disableCompression: true });
      let traces = 0;
      return {
        openTrace: () => `trace-${traces++}`,
        record(trace, name, input, output) {
          posthog.capture({
            distinctId: 'u-1',
            event: '$ai_generation',
            properties: {
              $ai_trace_id: trace,
              $ai_span_name: name,
              $ai_model: 'gpt-4o',
              $ai_provider: 'openai',
              $ai_input: input,
              $ai_output_choices: [output],
            },
          });
        },
        closeTrace() {},
        flush: () => posthog.flush(),
        shutdown: () => posthog.shutdown(),
      };
    };
  },
};
