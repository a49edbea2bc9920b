/** A job, say of cron: it ends by itself, and its last events are sent before it does. */
import { observe } from 'tailrace';

const summarize = observe(async (day) => `nothing happened on ${day}`, { name: 'summarize' });

for (const day of ['monday', 'tuesday', 'wednesday']) console.log(await summarize(day));
