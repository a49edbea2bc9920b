/** Rows that come some at a time → one after the other. */

export async function* eachOf<T>(parts: AsyncIterable<readonly T[]>): AsyncGenerator<T, void, undefined> {
  for await (const rows of parts) yield* rows;
}
