/** Starts the page: the list or a trace, by the address. */

import { render } from 'preact';
import { ListPage } from './list/list-page.js';
import { TracePage } from './trace/trace-page.js';
import { Help, openHelp } from './ui/help.js';
import { Icon } from './ui/icons.js';
import { useKeys } from './ui/keys.js';
import { Link } from './ui/link.js';
import { listAddress, path } from './ui/router.js';

function Page() {
  useKeys({ '?': openHelp });
  return (
    <>
      <header class="site">
        <Link to={path.value === '/' ? '/' : listAddress()} class="brand">
          <Icon name="trace" /> tailrace
        </Link>
        <span class="muted">local server</span>
      </header>
      <Content />
      <Help />
    </>
  );
}

function Content() {
  if (path.value === '/') return <ListPage />;
  const id = traceIdOf(path.value);
  // By key, so that another trace starts anew.
  if (id !== undefined) return <TracePage key={id} id={id} />;
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

function traceIdOf(address: string): string | undefined {
  const [, id] = /^\/trace\/([^/]+)$/.exec(address) ?? [];
  try {
    return id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

const root = document.getElementById('page');
if (root !== null) render(<Page />, root);
