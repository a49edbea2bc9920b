/** The bar with the pages. Filters go along from one page to the next, as they choose traces on each of them. */

import { useEffect, useRef } from 'preact/hooks';
import { filterQuery } from '../filters/filter-state.js';
import { Link } from './link.js';
import { listAddress, path } from './router.js';

const PAGES: readonly [string, string][] = [
  ['/', 'Traces'],
  ['/sessions', 'Sessions'],
  ['/users', 'Users'],
  ['/models', 'Models'],
  ['/scores', 'Scores'],
  ['/tools', 'Tools'],
  ['/compare', 'Compare'],
];
/** Where the parameters of the address are filters. */
const FILTERED = PAGES.map(([address]) => address).filter((address) => address !== '/compare');

export function Navigation() {
  const here = path.value;
  const filters = FILTERED.includes(here) ? filterQuery.value : '';
  const addressOf = (page: string) => {
    if (page === '/' && !FILTERED.includes(here)) return listAddress();
    return filters === '' || page === '/compare' ? page : `${page}?${filters}`;
  };
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a narrow screen the bar scrolls.
    bar.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [here]);
  return (
    <nav ref={bar} class="pages" aria-label="Pages">
      {PAGES.map(([page, label]) => (
        <Link key={page} to={addressOf(page)} isCurrent={page === here}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
