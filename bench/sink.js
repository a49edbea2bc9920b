/** A server in a process of its own that takes everything: `node sink.js` prints its URL and counts nothing. */
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end());
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
// Ends with the benchmark that started it.
process.stdin.on('end', () => process.exit()).resume();
