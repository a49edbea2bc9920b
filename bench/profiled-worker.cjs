/**
 * The worker with a CPU profile of its own: `new Tailrace({ worker: '<path of this file>' })`. `--cpu-prof` writes none for a
 * thread that is ended from outside. The profile lies in the working directory after PROFILE_MS milliseconds.
 */
const { writeFileSync } = require('node:fs');
const { Session } = require('node:inspector');
const { threadId } = require('node:worker_threads');

const milliseconds = Number(process.env.PROFILE_MS ?? 10_000);
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.start');
setTimeout(() => {
  session.post('Profiler.stop', (_, { profile }) => {
    writeFileSync(`worker-${process.pid}-${threadId}.cpuprofile`, JSON.stringify(profile));
  });
}, milliseconds);

module.exports = require('../dist/worker.cjs');
