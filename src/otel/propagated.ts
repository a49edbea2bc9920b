/**
 * Reads the attributes that an application propagates with `propagateAttributes()` of @langfuse/tracing (or core): from the
 * context in which a span begins, and from the baggage of the incoming request.
 */

import { ENVIRONMENT } from '../config/connection.js';
import {
  BAGGAGE_METADATA_PREFIX,
  BAGGAGE_PREFIX,
  BAGGAGE_TAGS_SEPARATOR,
  BAGGAGE_TRACE_ID,
  METADATA_ATTRIBUTE_PREFIX,
  METADATA_NAME,
  PROPAGATION_KEYS,
  type PropagationKey,
} from '../shared/contract/propagation-keys.js';
import { baggageOf, type ContextLike } from '../shared/runtime/otel-api.js';

type Values = Record<string, unknown>;

const ENVIRONMENT_KEY = PROPAGATION_KEYS.environment.attribute;
const EXPERIMENT_ROOT_KEY = 'langfuse.experiment.item.root_observation_id';
const EXPERIMENT_ENVIRONMENT = 'sdk-experiment';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value !== '';
const isNumber: Check = (value) => typeof value === 'number';
const isEnvironment: Check = (value) => typeof value === 'string' && ENVIRONMENT.test(value);

const { userId, sessionId, version, traceName, environment, tags, promptName, promptVersion } =
  PROPAGATION_KEYS;
const withCheck = ({ name, attribute }: PropagationKey, isValid: Check) =>
  [name, attribute, isValid] as const;

/** The name in the context and in the baggage, the key of the attribute, and a check of the context's value. */
const PROPAGATED: readonly (readonly [name: string, key: string, isValid: Check])[] = [
  withCheck(userId, isText),
  withCheck(sessionId, isText),
  withCheck(version, isText),
  withCheck(traceName, isText),
  withCheck(environment, isEnvironment),
  withCheck(tags, Array.isArray),
  withCheck(promptName, isText),
  withCheck(promptVersion, isNumber),
  ['langfuse_experiment_id', 'langfuse.experiment.id', isText],
  ['langfuse_experiment_name', 'langfuse.experiment.name', isText],
  ['langfuse_experiment_metadata', 'langfuse.experiment.metadata', isText],
  ['langfuse_experiment_dataset_id', 'langfuse.experiment.dataset.id', isText],
  ['langfuse_experiment_item_id', 'langfuse.experiment.item.id', isText],
  ['langfuse_experiment_item_metadata', 'langfuse.experiment.item.metadata', isText],
  ['langfuse_experiment_item_root_observation_id', EXPERIMENT_ROOT_KEY, isText],
];

const FROM_CONTEXT = PROPAGATED.map(([name, key, isValid]) => ({ symbol: Symbol.for(name), key, isValid }));
const KEY_BY_BAGGAGE = new Map(PROPAGATED.map(([name, key]) => [name, key]));
const METADATA = Symbol.for(METADATA_NAME);

/** Undefined: nothing is propagated. The context has precedence over the baggage. */
export function propagatedAttributes(context: ContextLike): Values | undefined {
  let values = fromBaggage(context);
  for (const { symbol, key, isValid } of FROM_CONTEXT) {
    const value = context.getValue(symbol);
    if (value === undefined || !isValid(value)) continue;
    values ??= {};
    values[key] = value;
  }
  const metadata = context.getValue(METADATA);
  if (typeof metadata === 'object' && metadata !== null) {
    values ??= {};
    for (const [key, value] of Object.entries(metadata))
      values[METADATA_ATTRIBUTE_PREFIX + key] = String(value);
  }
  if (values?.[EXPERIMENT_ROOT_KEY]) values[ENVIRONMENT_KEY] = EXPERIMENT_ENVIRONMENT;
  return values;
}

/** The id of the trace whose application root is in another service: its spans are not roots here. */
export function claimedTraceId(context: ContextLike): string | undefined {
  return baggageOf(context)?.getEntry(BAGGAGE_TRACE_ID)?.value.toLowerCase();
}

function fromBaggage(context: ContextLike): Values | undefined {
  const baggage = baggageOf(context);
  if (baggage === undefined) return undefined;
  let values: Values | undefined;
  for (const [name, { value }] of baggage.getAllEntries()) {
    if (!name.startsWith(BAGGAGE_PREFIX)) continue;
    const key = name.startsWith(BAGGAGE_METADATA_PREFIX)
      ? METADATA_ATTRIBUTE_PREFIX + name.slice(BAGGAGE_METADATA_PREFIX.length)
      : KEY_BY_BAGGAGE.get(name);
    if (key === undefined || (key === ENVIRONMENT_KEY && !isEnvironment(value))) continue;
    values ??= {};
    values[key] = fromText(name, value);
  }
  return values;
}

/** Baggage contains only text. */
function fromText(name: string, text: string): unknown {
  if (name === tags.name) return text.split(BAGGAGE_TAGS_SEPARATOR);
  return name === promptVersion.name && /^\d+$/.test(text) ? Number(text) : text;
}
