/** Estimates of usage and cost that clients did not give, at the write: there is no queue in tables that many share. */

import type { PriceOverride } from '../../../../shared/contract/prices.js';
import { createEstimator, type Estimate } from '../../../../usage/estimator.js';
import type { StoredEstimate } from '../../contract/rows.js';
import { storedEstimate } from '../../stored-estimate.js';
import type { WrittenObservation } from './observation.js';

/** Null: the observation calls no model. */
export type EstimateObservation = (observation: WrittenObservation) => StoredEstimate | null;

export function prepareEstimates(
  prices: readonly PriceOverride[],
  warn: (message: string) => void,
): EstimateObservation {
  let estimate: Estimate | undefined;
  return ({ row, createdUs }) => {
    const { model } = row;
    if (model === null) return null;
    // Created for the first observation with a model, as it loads the price list.
    estimate ??= createEstimator(prices, ({ text }) => warn(text));
    const startUs = row.startUs ?? createdUs;
    return storedEstimate(
      { ...row, model, startUs, input: () => row.input, output: () => row.output },
      estimate,
    );
  };
}
