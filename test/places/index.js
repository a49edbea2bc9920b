/** All places, in the order of the table. */
import applications from './applications.js';
import bundlers from './bundlers.js';
import frameworks from './frameworks.js';
import installers from './installers.js';
import langchain from './langchain.js';
import loaders from './loaders.js';
import next from './next.js';
import pages from './pages.js';
import processes from './processes.js';
import runtimes from './runtimes.js';
import testRunners from './test-runners.js';

const GROUPS = {
  runtimes,
  installers,
  bundlers,
  'bundlers for pages': pages,
  next,
  langchain,
  frameworks,
  loaders,
  'test runners': testRunners,
  processes,
  applications,
};

export const places = Object.entries(GROUPS).flatMap(([group, members]) =>
  members.map((place) => ({ group, tools: {}, fast: false, todo: '', ...place })),
);
