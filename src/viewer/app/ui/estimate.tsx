/** Marks estimates: with ≈ in front, and a title that says where they come from. */

import type { EstimateView } from '../../data/details.js';
import { cost, count } from './format.js';

const CONTAINED = 'contains figures that were not given; each observation says how they came about';

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

/** `how` explains the estimate; undefined: the value is not an estimate. */
export function Figure({ text, how }: { text: string; how: string | undefined }) {
  if (how === undefined) return <>{text}</>;
  return (
    <span class="estimate" title={how}>
      ≈ {text}
    </span>
  );
}

interface AmountProps {
  value: number | null;
  how: string | undefined;
  format?: (value: number | null) => string;
}

export function Tokens({ value, how, format = count }: AmountProps) {
  return <Figure text={format(value)} how={value === null ? undefined : how} />;
}

export function Dollars({ value, how, format = cost }: AmountProps) {
  return <Figure text={format(value)} how={value === null ? undefined : how} />;
}
