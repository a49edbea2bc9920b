/** What a job that sends events starts with: the payloads, the subject's client, and the sink that counts. */
import { sinkAt } from './sink-client.js';
import { payloadsOf } from './workloads.js';

export async function openClient({ url, workload }, subject) {
  const payloads = payloadsOf(workload);
  const create = await subject.load();
  return { payloads, client: create({ url, poolSize: payloads.poolSize }), sink: sinkAt(url) };
}
