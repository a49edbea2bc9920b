/**
 * One measurement in a process of its own, so that no heap and no optimised code is shared: `child.js '<job>'`. The
 * job names a module of jobs/; what its run() resolves to goes to the parent, with whatever went wrong on the way.
 */
import { subjectOf } from '../subjects/registry.js';
import { createTroubles } from './troubles.js';

const job = JSON.parse(process.argv[2]);
const troubles = createTroubles();
const subject = await subjectOf(job.subject);
const { run } = await import(`../jobs/${job.kind}.js`);
// A job says early what it has: a client that blocks its thread for minutes is stopped, and still has a result.
const early = (figures) => process.send({ figures, troubles: troubles.list() });
const figures = await run(job, subject, troubles, early);
process.send({ figures, troubles: troubles.list() }, () => process.exit(0));
