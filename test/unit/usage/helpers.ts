import type { PriceOverride } from '../../../src/shared/contract/prices.js';
import { createEstimator } from '../../../src/usage/estimator.js';
import type { Billed, Figures } from '../../../src/usage/figures.js';

interface Given extends Omit<Billed, 'input' | 'output'> {
  input: unknown;
  output: unknown;
}

const generation: Given = {
  type: 'generation',
  model: 'gpt-4o',
  isError: false,
  startTime: new Date('2025-06-01'),
  usageDetails: null,
  costDetails: null,
  input: 'What is the weather like?',
  output: 'Fine.',
};

/** What is estimated of a generation of gpt-4o with a text on either side, but for these parts. */
export function estimate(
  parts: Partial<Given> = {},
  prices: readonly PriceOverride[] = [],
): Figures | undefined {
  const { input, output, ...billed } = { ...generation, ...parts };
  return createEstimator(prices, () => {})({ ...billed, input: () => input, output: () => output });
}
