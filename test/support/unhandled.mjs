/** Rejections that nobody handles, of observed functions and of plain ones: prints how often Node reported each. */
import { observe, startActiveObservation, Tailrace } from 'tailrace';

const reported = {};
process.on('unhandledRejection', ({ message }) => {
  reported[message] = (reported[message] ?? 0) + 1;
});
const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: process.argv[2] });

class Answer extends Promise {}
const failing = async (name) => {
  throw new Error(name);
};
async function* failingSteps() {
  yield 1;
  throw new Error('generator');
}

observe(failing)('observed');
startActiveObservation('active', () => failing('active'));
observe(() => Answer.reject(new Error('subclass')))();
const steps = observe(failingSteps)();
await steps.next();
steps.next();

// These are handled.
observe(failing)('handled').catch(() => {});
observe(() => Answer.reject(new Error('handled subclass')))().catch(() => {});
await observe(failing)('awaited').catch(() => {});

await client.shutdown();
console.log(JSON.stringify(reported));
