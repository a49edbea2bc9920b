/** The address of the page as a signal. All state that somebody may want to share or go back to is in it. */

import { batch, signal } from '@preact/signals';
import { segmentOf } from '../../path-segments.js';

export const path = signal(window.location.pathname);
export const query = signal(readQuery());

window.addEventListener('popstate', read);

function readQuery(): URLSearchParams {
  return new URLSearchParams(window.location.search);
}

function read(): void {
  batch(() => {
    path.value = window.location.pathname;
    query.value = readQuery();
  });
}

/** `replace`: the browser's "back" goes to the address before the present one. */
export function go(to: string, { replace = false } = {}): void {
  if (replace) window.history.replaceState(null, '', to);
  else window.history.pushState(null, '', to);
  read();
}

export function traceAddress(id: string, observation?: string): string {
  const suffix = observation === undefined ? '' : `?${new URLSearchParams({ observation })}`;
  return `/trace/${segmentOf(id)}${suffix}`;
}

export function sessionAddress(id: string): string {
  return `/session/${segmentOf(id)}`;
}

/** Two traces side by side; without `b` the page asks for the other one. */
export function compareAddress(a: string, b?: string): string {
  return `/compare?${new URLSearchParams(b === undefined ? { a } : { a, b })}`;
}

/** The list that the reader came from, for the way back. */
let lastList = '/';

export function rememberList(): void {
  const text = query.value.toString();
  lastList = text === '' ? '/' : `/?${text}`;
}

export function listAddress(): string {
  return lastList;
}

/** Changes query parameters: an array replaces all values of a name, and an empty one removes them. */
export function setQuery(changes: Record<string, readonly string[]>, options?: { replace?: boolean }): void {
  const next = new URLSearchParams(query.value);
  for (const [name, values] of Object.entries(changes)) {
    next.delete(name);
    for (const value of values) next.append(name, value);
  }
  const text = next.toString();
  go(text === '' ? path.value : `${path.value}?${text}`, options);
}
