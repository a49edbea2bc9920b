/**
 * Loads the exporter, whatever its module does: it may throw, end the worker, or never return. Each ring has an exporter of its
 * own, from the same module. A failure is reported once per destination.
 */

import { message } from '../../messages/message.js';
import type { ConsumerOptions } from '../../shared/contract/control.js';
import type { CreateExporter, Exporter, ExporterContext } from '../../shared/contract/exporter.js';
import { MASKED, type MaskedExporterOptions } from '../../shared/contract/redaction.js';
import { DID_NOT_COME_BACK, EXPORTER_DEATHS, LOADING, MODULE_DEATHS } from '../../shared/ring/ring-layout.js';
import { beat } from '../../shared/ring/urgent-flush.js';
import { importByUrl } from '../../shared/runtime/import-by-url.js';
import { clearInterval, setInterval, setTimeout } from '../../shared/runtime/real-time.js';
import { loadFault } from '../../shared/untrusted-text/load-fault.js';
import type { Notices } from '../notices.js';
import { trustReasons } from './exporter-text.js';

export interface ExporterLoader {
  /** `isAgain`: load it even if workers have died of that. */
  load(context: ExporterContext, isAgain: boolean): Promise<Loaded>;
  /** For `ExporterContext.load`. */
  readonly loadModule: ExporterContext['load'];
}

export type Loaded =
  | { readonly exporter: Exporter }
  /** `later`: an exporter that is still being loaded when its time is up. */
  | { readonly fault: string; readonly later: Promise<Exporter> | undefined };

interface ExporterModule {
  readonly createExporter?: CreateExporter;
}

/** Exporters that ship with the package. */
const BUILT_IN: Record<string, () => Promise<ExporterModule>> = {
  clickhouse: () => import('../../exporters/clickhouse/exporter.js'),
  langfuse: () => import('../../exporters/langfuse/exporter.js'),
  nats: () => import('../../exporters/nats/exporter.js'),
  otlp: () => import('../../exporters/otlp/exporter.js'),
  'otlp-records': () => import('../../exporters/otlp/records-exporter.js'),
  redis: () => import('../../exporters/redis/exporter.js'),
};

/** More than for records: loading takes long, and a worker may be ended for other reasons meanwhile. */
const DEATHS_TO_SKIP = 3;
const DIED_OF_IT = `it has crashed ${DEATHS_TO_SKIP} workers`;
const STUCK_IN_IT = 'a worker hung on it';
/** Shorter than the default time-out of a flush, which then gets its answer. */
const LOAD_TIMEOUT_MS = 20_000;

/** Values of LOADING. */
const AN_EXPORTER = 1;
const A_MODULE = 2;

const BEAT_MS = 20;

/** What to load. `masked`: the exporter gets records that are masked and redacted. */
interface Source {
  readonly url: string;
  readonly options?: unknown;
  readonly masked: MaskedExporterOptions | undefined;
}

function sourceOf({ url, options }: ConsumerOptions['exporter']): Source {
  if (url !== MASKED) return { url, options, masked: undefined };
  const masked = options as MaskedExporterOptions;
  return { url: masked.url, options: masked.options, masked };
}

/** `words`: those of the consumer's own ring. */
export function createExporterLoader(
  exporter: ConsumerOptions['exporter'],
  words: Int32Array,
  notices: Notices,
): ExporterLoader {
  const source = sourceOf(exporter);
  const whileLoading = createLoadingMarker(words);
  let isReported = false;

  function failed(error: unknown, later?: Promise<Exporter>): Loaded {
    const { line, stack } = loadFault('exporter', source.url, error, source.options);
    if (!isReported) notices.fault(message('TAILRACE_EXPORTER_NOT_LOADED', `${line}${stack}`));
    isReported = true;
    return { fault: line, later };
  }

  return {
    async load(context, isAgain) {
      const deadly = whyDeadly(words, EXPORTER_DEATHS);
      if (deadly !== undefined && !isAgain) return failed(deadly);
      let loading: Promise<Exporter> | undefined;
      try {
        const exporter = await whileLoading(AN_EXPORTER, () => {
          loading = loadExporter(source, context);
          return Promise.race([loading, tooLate()]);
        });
        words[EXPORTER_DEATHS] = 0;
        isReported = false;
        return { exporter };
      } catch (error) {
        const isLate = error === TOO_LATE;
        return isLate ? failed(TOO_LATE, loading) : failed(error);
      }
    },
    async loadModule<M>(moduleUrl: string): Promise<M> {
      const deadly = whyDeadly(words, MODULE_DEATHS);
      if (deadly !== undefined) {
        // The workers may have died of something else: the next worker tries again.
        words[MODULE_DEATHS] = DEATHS_TO_SKIP - 1;
        throw deadly;
      }
      const module = await whileLoading(A_MODULE, () => importByUrl<M>(moduleUrl));
      words[MODULE_DEATHS] = 0;
      return module;
    },
  };
}

const TOO_LATE = `it has not returned within ${LOAD_TIMEOUT_MS / 1000} s`;

function tooLate(): Promise<never> {
  return new Promise((_, reject) => setTimeout(reject, LOAD_TIMEOUT_MS, TOO_LATE).unref());
}

/** Why it must not be loaded, if so. */
function whyDeadly(words: Int32Array, deaths: number): string | undefined {
  const count = words[deaths] as number;
  if (count >= DID_NOT_COME_BACK) return STUCK_IN_IT;
  return count >= DEATHS_TO_SKIP ? DIED_OF_IT : undefined;
}

async function loadExporter({ url, options, masked }: Source, context: ExporterContext): Promise<Exporter> {
  const builtIn = masked === undefined ? BUILT_IN[url] : undefined;
  const { createExporter } = await (builtIn?.() ?? importByUrl<ExporterModule>(url));
  // Strings, not errors: a stack trace in this package would say nothing.
  if (typeof createExporter !== 'function') throw 'it must export a function createExporter';
  const exporter = await createExporter(options, context);
  if (typeof exporter?.encode !== 'function' && typeof exporter?.encodeBytes !== 'function') {
    throw 'its exporter must have a function encode or encodeBytes';
  }
  if (typeof exporter.bodyBytes !== 'function' && typeof exporter.measureBody !== 'function') {
    throw 'its exporter must have a function bodyBytes or measureBody';
  }
  if (typeof exporter.deliver === 'function' && typeof exporter.payload !== 'function') {
    throw 'its exporter has a function deliver, and must have a function payload';
  }
  if (builtIn !== undefined) trustReasons(exporter);
  if (masked === undefined) return exporter;
  const { maskExporter } = await import('../../exporters/masked.js');
  return maskExporter(exporter, masked, context);
}

type LoadingMarker = <T>(what: typeof AN_EXPORTER | typeof A_MODULE, load: () => Promise<T>) => Promise<T>;

/**
 * Says in shared memory what is being loaded, so that a successor knows what a worker died of or was stuck in. While a load
 * does not block the thread, the worker is not stuck and shows that it is alive. Several rings may load at the same time, and
 * exporters load modules: then the marker names the module.
 */
function createLoadingMarker(words: Int32Array): LoadingMarker {
  const underWay = [0, 0, 0];
  let timer: NodeJS.Timeout | undefined;

  function count(what: number, change: 1 | -1): void {
    underWay[what] = (underWay[what] as number) + change;
    const now = [A_MODULE, AN_EXPORTER].find((one) => underWay[one] !== 0) ?? 0;
    Atomics.store(words, LOADING, now);
    if (now === 0) {
      clearInterval(timer);
      timer = undefined;
    } else timer ??= setInterval(beat, BEAT_MS, words).unref();
  }

  return async (what, load) => {
    count(what, 1);
    try {
      return await load();
    } finally {
      count(what, -1);
    }
  };
}
