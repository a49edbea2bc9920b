/** Formats numbers and times for people. Unknown values are a dash. */

import { type Html, html } from './html.js';

const UNKNOWN = '–';

export function duration(micros: number | null): string {
  if (micros === null) return UNKNOWN;
  if (micros < 1_000) return `${micros} µs`;
  if (micros < 10_000) return `${(micros / 1_000).toFixed(1)} ms`;
  if (micros < 1_000_000) return `${Math.round(micros / 1_000)} ms`;
  if (micros < 60_000_000) return `${(micros / 1_000_000).toFixed(micros < 10_000_000 ? 2 : 1)} s`;
  const seconds = Math.round(micros / 1_000_000);
  const pad = (value: number) => String(value).padStart(2, '0');
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${pad(Math.floor((seconds % 3_600) / 60))} min`;
}

export function count(value: number | null): string {
  return value === null ? UNKNOWN : value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

export function cost(usd: number | null): string {
  if (usd === null) return UNKNOWN;
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: usd < 1 ? 6 : 2 })}`;
}

/** In MiB. */
export function size(bytes: number): string {
  const mib = bytes / 1024 / 1024;
  return `${mib.toLocaleString('en-US', { maximumFractionDigits: mib < 100 ? 1 : 0 })} MiB`;
}

export function scoreValue(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/** In the time zone of this machine, which is the reader's. */
export function time(micros: number): Html {
  const date = new Date(Math.floor(micros / 1_000));
  if (Number.isNaN(date.getTime())) return html`${UNKNOWN}`;
  const pad = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return html`<time datetime="${date.toISOString()}"><span>${day}</span> <span>${clock}</span></time>`;
}

export function plural(number: number, singular: string, pluralForm = `${singular}s`): string {
  return `${count(number)} ${number === 1 ? singular : pluralForm}`;
}
