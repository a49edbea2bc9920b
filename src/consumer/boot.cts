/**
 * What a worker thread loads first: CommonJS, because piscina loads its task by `require`. An ES module that is required
 * is linked in one go, and a thread that is terminated in the middle of that takes the whole process down ("v8::Module::
 * IsGraphAsync must be used on an instantiated module", Node.js 20.20); one that is imported is not.
 */
import type { ConsumerInit } from '../shared/control.js' with { 'resolution-mode': 'import' };

module.exports = {
  async startConsumer(init: ConsumerInit): Promise<void> {
    const { startConsumer } = await import('./main.js');
    await startConsumer(init);
  },
};
