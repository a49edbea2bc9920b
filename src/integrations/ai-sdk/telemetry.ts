/** The telemetry integration of the AI SDK. */
import { type ClientSource, clientOf } from '../common/client.js';

export function tailraceTelemetry(options: ClientSource = {}): object {
  return { client: clientOf(options) };
}
