/** What a support desk traces in a day, and whatever else an application may say. */
import { complaint, corners, odd, scores } from './corners.js';
import { orderSteps } from './order.js';
import { flush } from './step-makers.js';
import type { Step } from './steps.js';

/** The application changes some of its values on the way: each run has its own. */
export const createProgram = (): Step[] => [
  ...orderSteps(),
  ...complaint(),
  ...corners(),
  ...odd(),
  ...scores(),
  flush,
];
