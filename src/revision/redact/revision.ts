/** Declarative redaction of a record: replaces matches of patterns, and the values that paths name. */

import { message, warnBy } from '../../messages/message.js';
import { FULLY_MASKED } from '../../records/masking.js';
import type { RedactPlan } from '../../shared/contract/redaction.js';
import { type RevisePayload, revisePayload } from '../payload-fields.js';
import type { Revision, RevisionContext } from '../revision.js';
import { follow } from './paths.js';
import { createValueRedaction, redactValue } from './values.js';

export function createRedaction(plan: RedactPlan, context: RevisionContext): Revision {
  const revise = plan.masksAll ? maskAll : redactBy(plan, context);
  return {
    wants: () => true,
    apply(record) {
      revisePayload(record, revise);
      return undefined;
    },
  };
}

/** Used if the option cannot be read, as nobody knows what it was to hide. */
const maskAll: RevisePayload = () => FULLY_MASKED;

function redactBy(plan: RedactPlan, { warning, stillAlive }: RevisionContext): RevisePayload {
  const redaction = createValueRedaction(plan, stillAlive);
  return (value, field, { type, id }) => {
    try {
      return redactValue(value, follow(redaction.paths, field), redaction);
    } catch {
      // A pattern may exhaust the stack.
      warnBy(warning, message('TAILRACE_REDACT_FAILED', `the ${field} of ${type} ${id}`));
      return FULLY_MASKED;
    }
  };
}
