/** Public entry `tailrace/ai-sdk`: a telemetry integration for the AI SDK 7. */
export { tailraceTelemetry } from './integrations/ai-sdk/telemetry.js';
export type { TelemetryIntegration } from './integrations/ai-sdk/telemetry-hooks.js';
export type { ClientSource } from './integrations/common/client.js';
