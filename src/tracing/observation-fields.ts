/** Sets the fields of an observation's record from the bodies that an application passes. */
import type { GenerationBody } from './bodies.js';
import { toTime } from './clock.js';
import type { PromptLink, Propagated, TracingCore } from './core.js';
import { readable, readPrompt, toEnvironment, toLevel, toText, warnUnreadable } from './fields.js';
import { addMetadata, freeze, freezePayload, type MaskSubject } from './payloads.js';
import type { ObservationFields } from './record.js';
import { readCostDetails, readUsage, readUsageDetails, type UsageFields } from './usage.js';

/** `subject`: the observation, for the mask function. */
export function applyBody(
  core: TracingCore,
  fields: ObservationFields,
  body: GenerationBody,
  subject: MaskSubject,
): void {
  try {
    applyFields(core, fields, body, subject);
  } catch (error) {
    warnUnreadable(core, error);
    applyFields(core, fields, readable(body), subject);
  }
}

/**
 * Fields that are null or missing stay as they are. Most fields are missing, and checking costs less than converting nothing.
 * Metadata comes last: it is appended, which must happen only once.
 */
function applyFields(
  core: TracingCore,
  fields: ObservationFields,
  body: GenerationBody,
  subject: MaskSubject,
): void {
  if (body.name !== undefined) fields.name = toText(body.name) ?? fields.name;
  if (body.input !== undefined)
    fields.input = freezePayload(core, body.input, 'input', subject) ?? fields.input;
  if (body.output !== undefined)
    fields.output = freezePayload(core, body.output, 'output', subject) ?? fields.output;
  if (body.level !== undefined) fields.level = toLevel(core, body.level) ?? fields.level;
  if (body.statusMessage !== undefined)
    fields.statusMessage = toText(body.statusMessage) ?? fields.statusMessage;
  if (body.version !== undefined) fields.version = toText(body.version) ?? fields.version;
  if (body.environment !== undefined)
    fields.environment = toEnvironment(core, body.environment) ?? fields.environment;
  if (body.startTime !== undefined) fields.startTime = toTime(body.startTime) ?? fields.startTime;
  if (body.endTime !== undefined) fields.endTime = toTime(body.endTime) ?? fields.endTime;
  applyModelFields(core, fields, body);
  if (body.metadata !== undefined)
    fields.metadata = addMetadata(fields.metadata, freezePayload(core, body.metadata, 'metadata', subject));
}

/** The fields that only calls of a model have by type. Values that other observations get are written as well. */
function applyModelFields(core: TracingCore, fields: ObservationFields, body: GenerationBody): void {
  const { usage, usageDetails, costDetails, prompt } = body;
  if (body.model !== undefined) fields.model = toText(body.model) ?? fields.model;
  if (body.modelParameters !== undefined)
    fields.modelParameters = freeze(core, body.modelParameters) ?? fields.modelParameters;
  if (body.completionStartTime !== undefined)
    fields.completionStartTime = toTime(body.completionStartTime) ?? fields.completionStartTime;
  if (usage !== undefined && usage !== null) applyUsage(core, fields, readUsage(core, usage));
  if (usageDetails !== undefined && usageDetails !== null)
    applyUsage(core, fields, { usageDetails: readUsageDetails(core, usageDetails) });
  if (costDetails !== undefined && costDetails !== null)
    applyUsage(core, fields, { costDetails: readCostDetails(core, costDetails) });
  if (prompt !== undefined && prompt !== null) linkPrompt(fields, readPrompt(core, prompt));
}

function applyUsage(
  core: TracingCore,
  fields: ObservationFields,
  { usageDetails, costDetails, unit }: UsageFields,
): void {
  fields.usageDetails = freeze(core, usageDetails) ?? fields.usageDetails;
  fields.costDetails = freeze(core, costDetails) ?? fields.costDetails;
  fields.usageUnit = unit ?? fields.usageUnit;
}

function linkPrompt(fields: ObservationFields, { name, version }: PromptLink): void {
  fields.promptName = name;
  fields.promptVersion = version;
}

export function applyPropagated(
  fields: ObservationFields,
  { version, environment, prompt }: Propagated,
): void {
  fields.version = version ?? fields.version;
  fields.environment = environment ?? fields.environment;
  // A server links prompts to generations only.
  if (prompt !== null && fields.type === 'generation') linkPrompt(fields, prompt);
}
