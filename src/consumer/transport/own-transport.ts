/** The transport of exporters that own their connection: one attempt, which ends by its deadline whatever the exporter does. */
import type { ExportOutcome } from '../../shared/contract/exporter.js';
import { abortAfter } from '../../shared/runtime/real-time.js';
import { hostOf, type OwnRequest, type Transport } from './transport.js';

export function createOwnTransport(timeoutMs: number): Pick<Transport<OwnRequest>, 'send'> {
  return {
    send(request, _read, signal) {
      const timeout = abortAfter(timeoutMs);
      return attempt(request, signal === undefined ? timeout : AbortSignal.any([timeout, signal]), timeoutMs);
    },
  };
}

function attempt(request: OwnRequest, signal: AbortSignal, timeoutMs: number): Promise<ExportOutcome> {
  return new Promise((resolve) => {
    const cutOff = (): void => {
      request.isCutOff = true;
      resolve({ kind: 'retryable', reason: `no answer within ${timeoutMs} ms from ${hostOf(request)}` });
    };
    void request.deliver(signal).then((outcome) => {
      signal.removeEventListener('abort', cutOff);
      resolve(outcome);
    });
    signal.addEventListener('abort', cutOff, { once: true });
  });
}
