/** The filters that are set, each with a button that removes it. */

import { Icon } from '../ui/icons.js';
import { Link } from '../ui/link.js';
import { LABELS, readableValue } from './filter-names.js';
import { activeFilters, clearFilters, filterQuery, toggleFilter } from './filter-state.js';

export function ActiveFilters() {
  const active = activeFilters.value;
  if (active.length === 0) return null;
  return (
    <ul class="active-filters" aria-label="Active filters">
      {active.map(({ name, value }) => (
        <li key={`${name}=${value}`}>
          <span class="filter-name">{LABELS[name] ?? name}</span>
          <span class="value">{readableValue(name, value)}</span>
          <button
            type="button"
            class="icon-button"
            aria-label={`Remove the filter ${LABELS[name] ?? name}: ${readableValue(name, value)}`}
            onClick={() => toggleFilter(name, value)}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
      <li class="plain">
        <button type="button" class="link-button" onClick={clearFilters}>
          Clear all
        </button>
      </li>
      <li class="plain">
        <Link to={`/compare?${new URLSearchParams({ left: filterQuery.value })}`}>
          Compare with other traces
        </Link>
      </li>
    </ul>
  );
}
