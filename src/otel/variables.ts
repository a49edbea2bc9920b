/** OpenTelemetry's environment variables: an empty one is as if it were not set, and most have a form for traces alone. */
import { show } from '../shared/options.js';
import { percentDecoded } from '../shared/percents.js';
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
 * metadata, which the specification does not support here. What is wrong is named in `problems`, and never a value.
 */
export function parseHeaders(
  { name: variable, value: text }: Variable,
  problems: string[],
): [name: string, value: string][] {
  const withoutEquals: number[] = [];
  const headers = text.split(',').flatMap((pair, index): [string, string][] => {
    if (pair.trim() === '') return [];
    const equals = pair.indexOf('=');
    if (equals < 0) {
      withoutEquals.push(index + 1);
      return [];
    }
    const name = decodePercents(pair.slice(0, equals));
    const encoded = pair.slice(equals + 1).split(';')[0] as string;
    if (percentDecoded(encoded) === undefined) {
      problems.push(
        `${variable} must be percent-encoded, but got: another value for ${show(name)}; sending it as it is`,
      );
    }
    return [[name, decodePercents(encoded)]];
  });
  if (withoutEquals.length > 0) {
    problems.push(
      `${variable} must be a list of name=value, but got entries without = (number ${withoutEquals.join(', ')}; a comma in a value is %2C): leaving them out`,
    );
  }
  return headers;
}

/** What is not percent-encoded as it should be stays as it is. */
export function decodePercents(text: string): string {
  return percentDecoded(text.trim()) ?? text.trim();
}
