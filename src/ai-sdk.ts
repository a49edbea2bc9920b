/** Public entry `tailrace/ai-sdk`: a telemetry integration for the AI SDK 7. */
export { type TelemetryIntegration, tailraceTelemetry } from './integrations/ai-sdk/telemetry.js';
export type { ClientSource } from './integrations/common/client.js';
