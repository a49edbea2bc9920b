/** Damages a spool between two lives of the application, as a full disk or a careless hand does. */
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WAYS = [
  (file) => truncateSync(file, 0),
  (file, random) => truncateSync(file, random(statSync(file).size + 1)),
  (file, random) => {
    const bytes = readFileSync(file);
    if (bytes.length > 0) bytes[random(bytes.length)] ^= 1 << random(8);
    writeFileSync(file, bytes);
  },
];

/** What a worker that was killed was writing says nowhere how much it held: what goes with its end cannot be counted. */
const UNSEALED = /[\\/][^.\\/]+\.segment$/;

/** @returns how many files it has damaged: one, or none where there is none. */
export function damage(dir, random) {
  const files = readdirSync(dir, { recursive: true })
    .map((name) => join(dir, name))
    .filter((file) => !file.includes('corrupt') && !UNSEALED.test(file) && statSync(file).isFile());
  const file = files[random(files.length || 1)];
  if (file === undefined) return 0;
  WAYS[random(WAYS.length)](file, random);
  return 1;
}
