/** Declarative redaction: replaces what patterns match and what stands under given paths, in every value of a record. */
import type { ExporterContext } from '../shared/exporter.js';
import { FULLY_MASKED } from '../shared/masking.js';
import type { RedactPlan } from '../shared/redaction.js';
import { type RevisePayload, revisePayload } from './payload-fields.js';
import { follow } from './redact-paths.js';
import { createValueRedaction, redactValue } from './redact-values.js';
import type { Revision } from './revision.js';

export function createRedaction(plan: RedactPlan, { warning }: Pick<ExporterContext, 'warning'>): Revision {
  const revise = plan.masksAll ? maskAll : redactBy(plan, warning);
  return {
    wants: () => true,
    apply(record) {
      revisePayload(record, revise);
      return undefined;
    },
  };
}

/** What the option was to hide is not known. */
const maskAll: RevisePayload = () => FULLY_MASKED;

function redactBy(plan: RedactPlan, warning: ExporterContext['warning']): RevisePayload {
  const redaction = createValueRedaction(plan);
  return (value, field, { type, id }) => {
    try {
      return redactValue(value, follow(redaction.paths, field), redaction);
    } catch {
      // A pattern may exhaust the stack.
      warning('redact', `redact failed for the ${field} of ${type} ${id}: sent fully masked`);
      return FULLY_MASKED;
    }
  };
}
