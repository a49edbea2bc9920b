/**
 * Loads the exporter, whatever its module does: it may throw, die, never come back. Each ring has an exporter of its own from
 * the same module; one message says why it could not be loaded.
 */
import { message } from '../../messages/message.js';
import type { ConsumerOptions } from '../../shared/contract/control.js';
import type { CreateExporter, Exporter, ExporterContext } from '../../shared/contract/exporter.js';
import { MASKED, type MaskedExporterOptions } from '../../shared/contract/redaction.js';
import { DID_NOT_COME_BACK, EXPORTER_DEATHS, MODULE_DEATHS } from '../../shared/ring/ring-layout.js';
import { importByUrl } from '../../shared/runtime/import-by-url.js';
import { setTimeout } from '../../shared/runtime/real-time.js';
import { loadFault } from '../../shared/untrusted-text/load-fault.js';
import { trustWords } from '../delivery/exporter-text.js';
import type { Notices } from '../notices.js';
import { A_MODULE, AN_EXPORTER, createLoadingBracket } from './loading.js';

export interface ExporterLoader {
  /** `isAgain`: even where workers have died of it. */
  load(context: ExporterContext, isAgain: boolean): Promise<Loaded>;
  /** Of `ExporterContext`. */
  readonly loadModule: ExporterContext['load'];
}

export type Loaded =
  | { readonly exporter: Exporter }
  /** `later`: of an exporter whose module has not come back yet. */
  | { readonly fault: string; readonly later: Promise<Exporter> | undefined };

interface ExporterModule {
  readonly createExporter?: CreateExporter;
}

/** Exporters that ship with the package. */
const BUILT_IN: Record<string, () => Promise<ExporterModule>> = {
  langfuse: () => import('../../exporters/langfuse/exporter.js'),
  otlp: () => import('../../exporters/otlp/exporter.js'),
};

/** Loading takes its time, in which a worker may be ended by others as well. */
const DEATHS_TO_SKIP = 3;
const DIED_OF_IT = `it has crashed ${DEATHS_TO_SKIP} workers`;
const STUCK_IN_IT = 'a worker hung on it';
/** Shorter than a flush waits by default: it has its answer then. */
const LOAD_TIMEOUT_MS = 20_000;

/** What is loaded; `masked`: gets records masked and redacted. */
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

/** `words`: of the consumer's own ring. */
export function createExporterLoader(
  exporter: ConsumerOptions['exporter'],
  words: Int32Array,
  notices: Notices,
): ExporterLoader {
  const source = sourceOf(exporter);
  const whileLoading = createLoadingBracket(words);
  let isTold = false;

  function failed(error: unknown, later?: Promise<Exporter>): Loaded {
    const { line, stack } = loadFault('exporter', source.url, error, source.options);
    if (!isTold) notices.fault(message('TAILRACE_EXPORTER_NOT_LOADED', `${line}${stack}`));
    isTold = true;
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
        isTold = false;
        return { exporter };
      } catch (error) {
        const isLate = error === TOO_LATE;
        return isLate ? failed(TOO_LATE, loading) : failed(error);
      }
    },
    async loadModule<M>(moduleUrl: string): Promise<M> {
      const deadly = whyDeadly(words, MODULE_DEATHS);
      if (deadly !== undefined) {
        // Somebody else may have ended them: the next worker tries it again.
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

/** Undefined: it may be loaded. */
function whyDeadly(words: Int32Array, deaths: number): string | undefined {
  const count = words[deaths] as number;
  if (count >= DID_NOT_COME_BACK) return STUCK_IN_IT;
  return count >= DEATHS_TO_SKIP ? DIED_OF_IT : undefined;
}

async function loadExporter({ url, options, masked }: Source, context: ExporterContext): Promise<Exporter> {
  const builtIn = masked === undefined ? BUILT_IN[url] : undefined;
  const { createExporter } = await (builtIn?.() ?? importByUrl<ExporterModule>(url));
  // Texts, not errors: a stack in this package says nothing.
  if (typeof createExporter !== 'function') throw 'it must export a function createExporter';
  const exporter = await createExporter(options, context);
  if (typeof exporter?.encode !== 'function' && typeof exporter?.encodeBytes !== 'function') {
    throw 'its exporter must have a function encode or encodeBytes';
  }
  if (typeof exporter.bodyBytes !== 'function' && typeof exporter.measureBody !== 'function') {
    throw 'its exporter must have a function bodyBytes or measureBody';
  }
  if (builtIn !== undefined) trustWords(exporter);
  if (masked === undefined) return exporter;
  const { maskExporter } = await import('../../exporters/masked.js');
  return maskExporter(exporter, masked, context);
}
