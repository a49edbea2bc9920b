/**
 * How the streams of one name spread over the nodes of a Redis cluster: a key's slot is its CRC16, and each node has an equal range of slots.
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
 */
const SLOTS = 16_384;
const POLYNOMIAL = 0x1021;

/** CRC16 as XMODEM has it. */
export function slotOf(key) {
  let crc = 0;
  for (const byte of Buffer.from(key)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1) & 0xffff;
  }
  return crc % SLOTS;
}

/** What the busiest node has, as a multiple of the mean: batches spread evenly over the streams. */
export function busiestShare(nodes, streams, name = 'tailrace') {
  const counts = new Array(nodes).fill(0);
  for (let shard = 0; shard < streams; shard++) {
    counts[Math.floor((slotOf(`${name}:${shard}`) * nodes) / SLOTS)]++;
  }
  return Math.max(...counts) / (streams / nodes);
}
