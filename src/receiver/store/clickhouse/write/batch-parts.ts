/** What writing a batch needs. */

import type { Connection } from '../connection/connection.js';
import type { Tables } from '../tables.js';
import type { Versions } from '../times.js';
import type { EstimateObservation } from './estimate.js';

export interface BatchParts {
  readonly connection: Connection;
  readonly tables: Tables;
  readonly versions: Versions;
  readonly estimate: EstimateObservation;
}
