/** The keys of Redis that a forwarder uses. All begin like the streams, so that one pattern of an ACL covers them. */
export interface StreamKeys {
  readonly stream: string;
  /** A sorted set: ids of batches that were delivered lately, by the time of it. */
  readonly delivered: string;
}

export function streamKeys(stream: string, shards: number): StreamKeys[] {
  return Array.from({ length: shards }, (_, shard) => ({
    stream: `${stream}:${shard}`,
    delivered: `${stream}:${shard}:delivered`,
  }));
}

export function deadKey(stream: string): string {
  return `${stream}:dead`;
}
