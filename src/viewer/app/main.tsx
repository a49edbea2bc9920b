/** Starts the page: the list, a trace or another page, by the address. */

import { render } from 'preact';
import { idOfSegment } from '../path-segments.js';
import { ListPage } from './list/list-page.js';
import { TracePage } from './trace/trace-page.js';
import { Help, openHelp } from './ui/help.js';
import { Icon } from './ui/icons.js';
import { useKeys } from './ui/keys.js';
import { lazy } from './ui/lazy.js';
import { Link } from './ui/link.js';
import { Navigation } from './ui/navigation.js';
import { listAddress, path } from './ui/router.js';

function Page() {
  useKeys({ '?': openHelp });
  return (
    <>
      <header class="site">
        <Link to={path.value === '/' ? '/' : listAddress()} class="brand">
          <Icon name="trace" /> tailrace
        </Link>
        <Navigation />
      </header>
      <Content />
      <Help />
    </>
  );
}

const OtherPages = lazy(async () => (await import('./other-pages.js')).OtherPages);

function Content() {
  const address = path.value;
  if (address === '/') return <ListPage />;
  const [kind, id] = partsOf(address);
  // By key, so that another trace starts anew.
  if (kind === 'trace' && id !== undefined) return <TracePage key={id} id={id} />;
  if (isOtherPage(kind, id)) return <OtherPages key={address} page={kind} id={id ?? ''} />;
  return (
    <main class="not-found">
      <h1>Not found</h1>
      <p>There is nothing at {path.value}.</p>
      <p>
        <Link to="/">All traces</Link>
      </p>
    </main>
  );
}

function isOtherPage(kind: string, id: string | undefined): boolean {
  if (id !== undefined) return kind === 'session';
  return ['sessions', 'users', 'models', 'scores', 'tools', 'compare'].includes(kind);
}

/** `/trace/ID` as its two parts; the id is undefined if there is none, or none that can be read. */
function partsOf(address: string): [string, string?] {
  const [, kind = '', id] = /^\/([^/]+)(?:\/([^/]+))?$/.exec(address) ?? [];
  try {
    return id === undefined ? [kind] : [kind, idOfSegment(id)];
  } catch {
    return [kind];
  }
}

const root = document.getElementById('page');
if (root !== null) render(<Page />, root);
