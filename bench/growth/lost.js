/** Events that a client did not deliver, after a flush. */
export function lostBy(client) {
  const { pending, failed, dropped } = client.stats();
  return pending + failed + dropped.total;
}
