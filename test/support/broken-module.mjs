/** An exporter or a mask that cannot be loaded, in the way that `how` in the query of its URL says. */
const how = new URL(import.meta.url).searchParams.get('how');
if (how === 'throws') throw new Error('boom');
if (how === 'exits') process.exit(1);

export const createExporter = how === 'has none' ? undefined : create;

function create({ secretKey }) {
  if (how === 'create throws') throw new Error(`boom of ${secretKey}`);
  if (how === 'create rejects') return Promise.reject(new TypeError('boom'));
  if (how === 'create exits') process.exit(1);
  return { encode() {} };
}
