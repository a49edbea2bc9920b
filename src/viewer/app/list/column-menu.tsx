/** The menu that chooses the columns. */

import { Icon } from '../ui/icons.js';
import { COLUMNS, shownColumns, toggleColumn } from './columns.js';

export function ColumnMenu() {
  const shown = shownColumns.value;
  return (
    <details class="menu">
      <summary class="button" title="Choose columns">
        <Icon name="columns" /> Columns
      </summary>
      <ul class="menu-list">
        {COLUMNS.map(({ id, label }) => (
          <li key={id}>
            <label>
              <input
                type="checkbox"
                checked={shown.some((column) => column.id === id)}
                disabled={id === 'name'}
                onChange={() => toggleColumn(id)}
              />
              {label === 'Obs.' ? 'Observations' : label}
            </label>
          </li>
        ))}
      </ul>
    </details>
  );
}
