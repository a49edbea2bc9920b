/** An idle worker gives its thread back: 19 MB of memory, which a process that traces now and then need not hold. */
import { clearInterval, setInterval } from '../../shared/runtime/real-time.js';
import { retireHost, type WorkerHost } from './worker-host.js';

export interface IdleEngine {
  /** Events accepted so far; undefined while other threads may bring some. */
  accepted(): number | undefined;
  /** Called when the worker is gone. */
  onRest(): void;
}

/**
 * Looks once in `idleMs`, while the host runs, whether anything has come since the last look; whether something is still to
 * be done, the consumer knows. Returns what ends that.
 */
export function retireWhenIdle(host: WorkerHost, idleMs: number, engine: IdleEngine): () => void {
  let timer: NodeJS.Timeout | undefined;
  let seen: number | undefined;

  function end(): void {
    clearInterval(timer);
    timer = undefined;
  }

  async function look(): Promise<void> {
    const accepted = engine.accepted();
    const isIdle = accepted !== undefined && accepted === seen;
    seen = accepted;
    if (!isIdle || !(await retireHost(host))) return;
    end();
    engine.onRest();
  }

  host.onStart = () => {
    seen = undefined;
    // Else it would hold the process.
    timer ??= setInterval(look, idleMs).unref();
  };
  return end;
}
