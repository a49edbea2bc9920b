/** What the rows with @langfuse/tracing share: the same calls, another span processor. */

/** Loads the tracer; returns what makes a client over a span processor. */
export async function loadLangfuseTracing() {
  const { startObservation, setLangfuseTracerProvider } = await import('@langfuse/tracing');
  const { BasicTracerProvider } = await import('@opentelemetry/sdk-trace-base');
  return (processor) => {
    const provider = new BasicTracerProvider({ spanProcessors: [processor] });
    setLangfuseTracerProvider(provider);
    return {
      openTrace: () => startObservation('conversation'),
      record(trace, name, input, output) {
        trace
          .startObservation(name, { model: 'gpt-4o', input }, { asType: 'generation' })
          .update({ output })
          .end();
      },
      closeTrace: (trace) => trace.end(),
      flush: () => processor.forceFlush(),
      shutdown: () => provider.shutdown(),
    };
  };
}
