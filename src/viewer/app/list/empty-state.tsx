/** What the list shows while there are no traces: how to send the first, for each way to trace. */

import { useState } from 'preact/hooks';
import { Copy } from '../ui/copy.js';
import { hasSample } from './list-state.js';
import { SampleButton } from './sample-button.js';

const variables = (url: string) => `export LANGFUSE_BASE_URL=${url}
export LANGFUSE_PUBLIC_KEY=pk-lf-local
export LANGFUSE_SECRET_KEY=sk-lf-local`;

const SNIPPETS: readonly { name: string; text: (url: string) => string }[] = [
  { name: 'Variables', text: variables },
  {
    name: 'tailrace',
    text: (url) => `${variables(url)}

// trace.mjs
import { startActiveObservation } from 'tailrace';

await startActiveObservation('answer', async (observation) => {
  observation.update({ input: 'Where is my parcel?', output: 'It arrives today.' });
});`,
  },
  {
    name: 'OpenAI',
    text: (url) => `${variables(url)}

import OpenAI from 'openai';
import { observeOpenAI } from 'tailrace/openai';

const openai = observeOpenAI(new OpenAI());`,
  },
  {
    name: 'AI SDK',
    text: (url) => `${variables(url)}

import { generateText, registerTelemetry } from 'ai';
import { tailraceTelemetry } from 'tailrace/ai-sdk';

registerTelemetry(tailraceTelemetry());`,
  },
  {
    name: 'LangChain',
    text: (url) => `${variables(url)}

import { CallbackHandler } from 'tailrace/langchain';

await chain.invoke(input, { callbacks: [new CallbackHandler()] });`,
  },
  {
    name: 'OpenTelemetry',
    text: (url) => `export OTEL_EXPORTER_OTLP_ENDPOINT=${url}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`,
  },
];

export function EmptyState() {
  const [chosen, choose] = useState(0);
  const snippet = SNIPPETS[chosen]?.text(window.location.origin) ?? '';
  return (
    <section class="empty">
      <h2>Nothing has arrived yet</h2>
      <p>
        This server takes traces from any Langfuse client on this machine, and from OpenTelemetry. Any key
        pair will do, unless it was started with keys of its own. Traces appear here as they arrive.
      </p>
      <div class="segments" role="group" aria-label="Ways to trace">
        {SNIPPETS.map(({ name }, index) => (
          <button key={name} type="button" aria-pressed={index === chosen} onClick={() => choose(index)}>
            {name}
          </button>
        ))}
      </div>
      <div class="snippet">
        <pre>{snippet}</pre>
        <Copy text={snippet} label="Copy" />
      </div>
      {hasSample.value ? (
        <div class="sample">
          <span class="muted">No application at hand?</span> <SampleButton />
        </div>
      ) : (
        <p class="muted">
          No application at hand? <code>npx tailrace demo</code> traces a sample agent.
        </p>
      )}
    </section>
  );
}
