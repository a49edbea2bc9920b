/** What there is beside the client whose calls are measured. */

const KEYS = { publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench' };

export function optionsOf(baseUrl) {
  return { ...KEYS, baseUrl, maxOpen: 200_000, compression: 'none', logLevel: 'none', exitTimeoutMs: 10_000 };
}

/** Half of them observations, a quarter traces with something going on, a quarter traces without. */
function open(count) {
  return async ({ client }) => {
    const kept = [];
    for (let i = 0; i < count / 2; i++) kept.push(client.span({ name: 'open' }));
    for (let i = 0; i < count / 4; i++) kept.push(client.trace({ name: 'quiet' }));
    for (let i = 0; i < count / 8; i++) {
      const trace = client.trace({ name: 'busy' });
      kept.push(trace, trace.span({ name: 'open' }));
    }
    await client.flush();
    return kept;
  };
}

function clients(count, optionsAt) {
  return async ({ Tailrace, options }) => {
    const kept = Array.from({ length: count }, (_, i) => new Tailrace({ ...options, ...optionsAt(i) }));
    // Their consumers have started.
    await Promise.all(kept.map((client) => client.flush()));
    return kept;
  };
}

/** A destination of its own, delivered on this thread: 1,000 workers would measure the machine. */
const apart = (i) => ({ publicKey: `pk-lf-${i}`, worker: false, ringBytes: 65_536, sideLaneBytes: 0 });

function listeners(kind, count) {
  return async ({ client }) => {
    for (let i = 0; i < count; i++) client.on(kind, () => {});
  };
}

export const LOADS = {
  none: async () => {},
  '1,000 open': open(1_000),
  '100,000 open': open(100_000),
  '100 clients': clients(100, () => ({})),
  '1,000 clients': clients(1_000, () => ({})),
  '100 destinations': clients(100, apart),
  '1,000 destinations': clients(1_000, apart),
  '1,000 listeners (score)': listeners('score-create', 1_000),
  '1,000 listeners (error)': listeners('error', 1_000),
};
