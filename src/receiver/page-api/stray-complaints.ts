/** `GET /api/tailrace/complaints`: the complaints that belong to no stored trace, for the list. */

import { MAX_SHOWN_COMPLAINTS } from '../complaints/complaint-routes.js';
import type { RouteContext } from '../http/requests.js';
import { sendData } from './answers.js';

export async function getStrayComplaints(context: RouteContext): Promise<void> {
  await sendData(context, await context.store.complaints.withoutTrace(MAX_SHOWN_COMPLAINTS));
}
