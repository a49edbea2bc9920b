/** The filters of one group. They are in the address, in the language of the list's filters. */

import { useEffect, useId, useState } from 'preact/hooks';
import { VALUE_FILTERS, type ValueFilter } from '../../data/filters.js';
import type { Facets } from '../../data/list.js';
import { LABELS, readableValue } from '../filters/filter-names.js';
import { getJson } from '../server/api.js';
import { Icon } from '../ui/icons.js';
import { setQuery } from '../ui/router.js';

interface GroupFilterProps {
  name: 'left' | 'right';
  label: string;
  filters: string;
}

/** What groups differ by most often comes first. */
const FIRST: readonly ValueFilter[] = ['release', 'version', 'environment', 'tag', 'name', 'model'];
const FIELDS: readonly ValueFilter[] = [...FIRST, ...VALUE_FILTERS.filter((field) => !FIRST.includes(field))];

export function GroupFilter({ name, label, filters }: GroupFilterProps) {
  const [field, setField] = useState<ValueFilter>('release');
  const [value, setValue] = useState('');
  const values = useValues(field, filters);
  const listId = useId();
  const entries = [...new URLSearchParams(filters)];
  const write = (next: readonly [string, string][]) => {
    const text = new URLSearchParams(next.map(([key, one]) => [key, one])).toString();
    setQuery({ [name]: text === '' ? [] : [text] });
  };
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    if (value === '') return;
    write([...entries, [field, value]]);
    setValue('');
  };
  return (
    <section class="group" aria-label={label}>
      <h2>{label}</h2>
      <ul class="active-filters">
        {entries.map(([key, one], at) => (
          <li key={`${key}=${one}`}>
            <span class="filter-name">{LABELS[key] ?? key}</span>
            <span class="value">{readableValue(key, one)}</span>
            <button
              type="button"
              class="icon-button"
              aria-label={`Remove from ${label}: ${LABELS[key] ?? key} ${one}`}
              onClick={() => write(entries.filter((_, other) => other !== at))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
        {entries.length === 0 && <li class="plain muted">all traces</li>}
      </ul>
      <form class="tools" onSubmit={add}>
        <select
          aria-label={`Field for ${label}`}
          value={field}
          onChange={({ currentTarget }) => setField(currentTarget.value as ValueFilter)}
        >
          {FIELDS.map((one) => (
            <option key={one} value={one}>
              {LABELS[one] ?? one}
            </option>
          ))}
        </select>
        <input
          type="text"
          aria-label={`Value for ${label}`}
          placeholder="value"
          list={listId}
          value={value}
          onInput={({ currentTarget }) => setValue(currentTarget.value)}
        />
        <datalist id={listId}>
          {values.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <button type="submit" class="button">
          Add
        </button>
      </form>
    </section>
  );
}

/** The values that the traces of the group have. */
function useValues(field: ValueFilter, filters: string): string[] {
  const [facets, setFacets] = useState<Facets | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    // Without suggestions a value can still be typed.
    getJson<Facets>('facets', filters, controller.signal).then(setFacets, () => {});
    return () => controller.abort();
  }, [filters]);
  return facets?.values[field].map(({ value }) => value) ?? [];
}
