/**
 * OpenTelemetry's environment variables, which the table has in its column `otel`. A blank one counts as not set; those of an
 * exporter have a form for traces alone, which goes before the general one.
 */
import type { EngineOptions } from '../shared/contract/engine-options.js';
import { percentDecoded } from '../shared/percents.js';
import { show } from '../shared/untrusted-text/show.js';
import { checkChoice, checkNumber } from './readers.js';
import { type Settings, variableOf } from './settings.js';
import { HOUR_MS } from './table/row.js';
import { factsOf, type OptionName } from './table/table.js';

const FOR_TRACES = /\[(TRACES_)\]/;

interface Variable {
  readonly name: string;
  readonly value: string;
  readonly isForTraces: boolean;
}

/** Undefined: none is set, or they are for another kind of destination. */
export function otelVariable(settings: Settings, option: OptionName): Variable | undefined {
  return otelVariables(settings, option).at(-1);
}

/** The general one first, then the one for traces, where both count. */
export function otelVariables(settings: Settings, option: OptionName): Variable[] {
  const { otel = '' } = factsOf(settings.entry, option);
  const names = FOR_TRACES.test(otel)
    ? [otel.replace(FOR_TRACES, ''), otel.replace(FOR_TRACES, '$1')]
    : [otel];
  return names.flatMap((name, i) => {
    const variable = variableOf(settings, [name]);
    return variable === undefined ? [] : [{ ...variable, isForTraces: i === 1 }];
  });
}

/** A whole number; a duration in milliseconds, of which 0 is allowed. */
export function readOtelNumber(settings: Settings, option: OptionName): number | undefined {
  const { unit, min = 0, max = Number.POSITIVE_INFINITY } = factsOf(settings.entry, option);
  const isDuration = unit === 's' || unit === 'ms';
  const bounds = { min: isDuration ? 0 : min, max: unit === 's' ? max * 1000 : max, isWhole: false };
  const value = checkNumber(settings, otelVariable(settings, option), bounds);
  return value === undefined ? undefined : Math.round(value);
}

export function readOtelChoice<T extends string>(
  settings: Settings,
  option: OptionName,
  choices: readonly [T, ...T[]],
): T {
  return checkChoice(settings, otelVariable(settings, option), choices);
}

/** An invalid option is left to the engine, which names it. The specification's default is none. */
export function readCompression(settings: Settings): EngineOptions['compression'] {
  const { compression } = settings.given;
  if (compression !== undefined) return compression as EngineOptions['compression'];
  return readOtelChoice(settings, 'compression', ['none', 'gzip']);
}

/** In the variable 0 means no limit. */
export function readOtelTimeout(settings: Settings): number | undefined {
  const ms = readOtelNumber(settings, 'timeout');
  return ms === 0 ? HOUR_MS : ms;
}

/**
 * Headers in the form of W3C baggage: `key=value,key=value`, percent-encoded. A semicolon begins baggage's metadata, which the
 * specification does not support here. Warnings name what is wrong, and never a value.
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

/** Text that is not percent-encoded as it should be stays as it is. */
export function decodePercents(text: string): string {
  return percentDecoded(text.trim()) ?? text.trim();
}
