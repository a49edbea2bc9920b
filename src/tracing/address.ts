/**
 * The address of a server, as an option or a variable gives it. One that cannot be used is never replaced by another: data
 * and keys would go to a server that nobody named.
 */
import { types } from 'node:util';
import { show } from '../shared/options.js';
import type { Found } from './settings.js';

export type Address = { readonly url: URL } | { readonly fault: string };

const ADDRESSES = ['baseUrl', 'endpoint'];
/** With a host: of `http:///path` a URL would make the first part of the path one. */
const WITH_HOST = /^https?:\/\/[^/\\?#]/i;

/** `rule` goes on from "an http(s) URL", say with an example. */
export function readAddress({ name, value }: Found, rule: string, isUsable = (_: URL) => true): Address {
  const url = toUrl(value);
  if (url !== undefined && isUsable(url)) return { url };
  return { fault: `${name} must be an http(s) URL ${rule}, but got: ${show(value)}` };
}

/** Options, but for addresses that are blank: as a variable that is blank, one is as if it were missing. */
export function withoutBlankAddresses(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter((option) => !isBlankAddress(option)));
}

function isBlankAddress([name, value]: [string, unknown]): boolean {
  return ADDRESSES.includes(name) && typeof value === 'string' && value.trim() === '';
}

function toUrl(value: unknown): URL | undefined {
  const isUrl = !types.isProxy(value) && value instanceof URL;
  const text = typeof value === 'string' || isUrl ? String(value).trim() : '';
  return WITH_HOST.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}
