/** Loaded before `tailrace demo`: when it has traced everything, its receiver gets an event that no server takes. */
import { Tailrace } from '../../dist/index.js';

const { shutdown } = Tailrace.prototype;

Tailrace.prototype.shutdown = async function () {
  const event = {
    id: 'e',
    type: 'generation-create',
    timestamp: '2026-01-15T12:00:00.000Z',
    body: { id: 'o', traceId: 't', level: 'FATAL' },
  };
  await fetch(`http://127.0.0.1:${process.env.RECEIVER_PORT}/api/public/ingestion`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('a:b')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch: [event] }),
  });
  return shutdown.call(this);
};
