/**
 * Whether one of the libraries inside the package has a newer release or an advisory, `npm run libraries`: a table. Exit code 1
 * where there is an advisory, or the registry does not say: nobody's `npm audit` sees what is bundled.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const LIBRARIES = ['comlink', 'msgpackr', 'piscina', 'undici'];
const REPOSITORY = new URL('..', import.meta.url);
const { devDependencies } = JSON.parse(readFileSync(new URL('package.json', REPOSITORY), 'utf8'));

/** What npm prints as JSON; `npm audit` exits with 1 where it finds something. */
function npm(...args) {
  const { stdout, stderr } = spawnSync('npm', [...args, '--json'], { cwd: REPOSITORY, encoding: 'utf8' });
  if (stdout.trim() === '') throw new Error(`npm ${args.join(' ')} printed nothing: ${stderr}`);
  return JSON.parse(stdout);
}

const { vulnerabilities, message } = npm('audit');

const rows = LIBRARIES.map((name) => {
  const inside = devDependencies[name];
  const releases = [npm('view', name, 'versions')].flat();
  // The next major version may want a newer Node.js: it is told, and decided by hand.
  const [major] = inside.split('.');
  const newest = releases.findLast((version) => version.startsWith(`${major}.`) && !version.includes('-'));
  return [
    name,
    {
      inside,
      'newest of its major version': newest,
      newest: npm('view', name, 'version'),
      advisories: vulnerabilities === undefined ? `not known: ${message}` : advisoriesOf(name),
    },
  ];
});

function advisoriesOf(name) {
  const advisories = (vulnerabilities[name]?.via ?? []).filter((one) => typeof one === 'object');
  return advisories.map(({ title, range }) => `${title} (${range})`).join('; ') || 'none';
}

console.table(Object.fromEntries(rows));
if (rows.some(([, { advisories }]) => advisories !== 'none')) process.exitCode = 1;
