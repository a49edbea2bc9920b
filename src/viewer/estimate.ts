/** Marks estimates: with ≈ in front, and a title that says where they come from. */

import { cost, count } from './format.js';
import { type Html, html } from './html.js';
import type { EstimateView } from './views.js';

const CONTAINED = 'contains figures that were not given; each observation says how they came about';

/** `how` explains the estimate; undefined: the value is not an estimate. */
export function tokens(value: number | null, how: string | undefined, unit = ''): Html {
  return figure(`${count(value)}${unit}`, value === null ? undefined : how);
}

export function dollars(value: number | null, how: string | undefined): Html {
  return figure(cost(value), value === null ? undefined : how);
}

/** For sums over a trace. */
export function howOfSum(isEstimated: boolean): string | undefined {
  return isEstimated ? CONTAINED : undefined;
}

export function howOfUsage(estimate: EstimateView | null): string | undefined {
  if (estimate?.usage !== 'estimated') return undefined;
  const media = estimate.uncounted === undefined ? '' : `, without ${estimate.uncounted}`;
  return `tokens estimated: the text counted with ${estimate.tokenizer ?? 'a tokenizer'}${media}`;
}

export function howOfCost(estimate: EstimateView | null): string | undefined {
  if (estimate?.cost !== 'computed' && estimate?.cost !== 'estimated') return undefined;
  const { price = 'a price list', priceModel } = estimate;
  const of = priceModel === undefined ? '' : ` of ${priceModel}`;
  return `cost ${estimate.cost}: the ${estimate.usage} tokens at the price${of} (${price})`;
}

export function figure(text: string, how: string | undefined): Html {
  return how === undefined ? html`${text}` : html`<span class="estimate" title="${how}">≈ ${text}</span>`;
}
