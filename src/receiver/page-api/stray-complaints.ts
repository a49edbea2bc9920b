/** `GET /api/tailrace/complaints`: the complaints that belong to no stored trace, for the list. */

import { complaintsWithoutTrace } from '../complaints/complaint-routes.js';
import type { RouteContext } from '../http/requests.js';
import { sendData } from './answers.js';

export async function getStrayComplaints(context: RouteContext): Promise<void> {
  await sendData(context, complaintsWithoutTrace(context.store.database));
}
