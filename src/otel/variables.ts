/** OpenTelemetry's environment variables: an empty one is as if it were not set, and most have a form for traces alone. */
import { complain, type Environment, readNumber, type Settings } from '../tracing/settings.js';

const GENERAL = 'OTEL_EXPORTER_OTLP_';
const FOR_TRACES = 'OTEL_EXPORTER_OTLP_TRACES_';

/** Name and value of an exporter's variable: the one for traces, else the general one. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly isForTraces: boolean;
}

/** `suffix`: `ENDPOINT` for `OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT`. */
export function exporterVariable(env: Environment, suffix: string): Variable | undefined {
  for (const prefix of [FOR_TRACES, GENERAL]) {
    const name = prefix + suffix;
    const value = env[name]?.trim();
    if (value) return { name, value, isForTraces: prefix === FOR_TRACES };
  }
  return undefined;
}

/** From the general one to the one for traces, where both are to be heard. */
export function exporterVariables(env: Environment, suffix: string): Variable[] {
  return [GENERAL, FOR_TRACES].flatMap((prefix) => {
    const name = prefix + suffix;
    const value = env[name]?.trim();
    return value ? [{ name, value, isForTraces: prefix === FOR_TRACES }] : [];
  });
}

/** A whole number, of a variable that no option stands for. */
export function variableNumber(
  settings: Settings,
  name: string,
  bounds: readonly [number, number],
): number | undefined {
  const value = readNumber({ ...settings, given: {} }, '', [name], undefined, bounds);
  return value === undefined ? undefined : Math.round(value);
}

export function variableChoice<T extends string>(
  settings: Settings,
  variable: Variable | undefined,
  choices: readonly T[],
  fallback: T,
): T {
  if (variable === undefined) return fallback;
  const choice = choices.find((one) => one === variable.value.toLowerCase());
  if (choice === undefined) complain(settings, variable, `one of ${choices.join(', ')}`, fallback);
  return choice ?? fallback;
}

/**
 * Headers in the form of W3C baggage: `key=value,key=value`, percent-encoded. What follows a semicolon is baggage's
 * metadata, which the specification does not support here.
 */
export function parseHeaders(text: string): [name: string, value: string][] {
  return text.split(',').flatMap((pair): [string, string][] => {
    const equals = pair.indexOf('=');
    if (equals < 0) return pair.trim() === '' ? [] : [[decodePercents(pair), '']];
    return [
      [decodePercents(pair.slice(0, equals)), decodePercents(pair.slice(equals + 1).split(';')[0] as string)],
    ];
  });
}

/** What is not percent-encoded as it should be stays as it is. */
export function decodePercents(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
}
