/** The callback handler: turns the runs of a chain, agent or graph into observations. */
import { type ClientSource, clientOf } from '../common/client.js';

export class CallbackHandler {
  readonly name = 'tailrace';
  readonly client;
  constructor(options: ClientSource = {}) {
    this.client = clientOf(options);
  }
}
