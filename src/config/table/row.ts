/** The columns of the option table. */

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Where an option is given: `new Tailrace`, `createEngine` or `new TailraceSpanProcessor`. */
export type Entry = 'client' | 'engine' | 'processor';

/** Where a destination of the span processor sends to; a client knows `langfuse` and `exporter` alone. */
export type Kind = 'exporter' | 'otlp' | 'langfuse';

/** Exporters of a client that are chosen by name. Each has an option of its own name. */
export type BuiltIn = 'clickhouse' | 'nats' | 'otlp' | 'redis';

/** Which reader checks the value (`readers.ts`). `other`: code of the option's own does. */
export type Form = 'number' | 'integer' | 'seconds' | 'flag' | 'choice' | 'text' | 'other';

/** Of the values of numbers and durations; the documentation states it beside the bounds. */
export type Unit = 'ms' | 's' | 'bytes';

export interface Facts {
  readonly form: Form;
  /** What it does, in plain English, for the JSDoc and the README. `|` must not occur. */
  readonly doc: string;
  /** Absent: there is none, or it depends (see `defaultDoc`). Of a choice: its first word. */
  readonly default?: number | boolean;
  /** Both ends are allowed. */
  readonly min?: number;
  readonly max?: number;
  readonly unit?: Unit;
  /** A duration in seconds under a name that Langfuse chose: it takes default and bounds from this option in milliseconds. */
  readonly secondsOf?: string;
  /** Of form `choice`: the default comes first. Words in any case are accepted. */
  readonly choices?: readonly [string, ...string[]];
  /** Environment variables, in this order: the first that is not blank counts. */
  readonly env?: readonly string[];
  /**
   * OpenTelemetry's variable for the same. It is read last, and where an option or a variable of `env` cannot be used.
   * `[TRACES_]`: the one for traces, then the general one. Durations are in milliseconds there.
   */
  readonly otel?: string;
  /** Where a flag cannot be read. @default its default */
  readonly ifWrong?: boolean;
  /** Older names, which still work. */
  readonly aliases?: readonly string[];
  /** TypeScript's type. @default what the form says */
  readonly type?: string;
  /** Type of the resolved option in `EngineOptions`; null: it is not among them. @default `type` */
  readonly resolvedType?: string | null;
  /** Of the documentation, where `default` cannot say it; goes after the variables. */
  readonly defaultDoc?: string;
  readonly example?: string;
  /** What to use instead. */
  readonly deprecated?: string;
  /** Kinds of destination that have no use for it: a warning names it there. */
  readonly notFor?: readonly Exclude<Kind | BuiltIn, 'langfuse'>[];
  /** Chooses a destination of the span processor, or says how to get there. */
  readonly choosesDestination?: boolean;
  /** Of the span processor as a whole, and not of one of its `destinations`. */
  readonly isOfAll?: boolean;
  /** It must be given. */
  readonly isRequired?: boolean;
}

/** One option: what holds for each entry that has it, and what differs there. */
export type OptionRow = Partial<Facts> & { readonly [E in Entry]?: Partial<Facts> };

export type Rows = Readonly<Record<string, OptionRow>>;
