/** The menu of the formats. Each is a link: the browser saves the stream as it comes. */

import type { ExportFormat } from '../../data/transfer.js';
import { Icon } from '../ui/icons.js';
import { watchExport } from './export-notice.js';

const FORMATS: readonly { format: ExportFormat; label: string; note: string }[] = [
  { format: 'replay', label: 'Replayable JSON', note: 'everything; import it here or on a Langfuse server' },
  { format: 'otlp', label: 'OTLP JSON', note: 'spans without scores, comments and media' },
  {
    format: 'conversations',
    label: 'Conversations',
    note: 'messages of the last generation; traces without a chat are left out',
  },
];

interface ExportMenuProps {
  /** Filters, or ids, as a query of the server. */
  query: string;
  label: string;
}

export function ExportMenu({ query, label }: ExportMenuProps) {
  return (
    <details class="menu export-menu">
      <summary class="button" title={label}>
        <Icon name="download" /> Export
      </summary>
      <ul class="menu-list" aria-label={label}>
        {FORMATS.map(({ format, label: name, note }) => (
          <li key={format}>
            <a
              href={`/api/tailrace/export?format=${format}${query === '' ? '' : `&${query}`}`}
              download
              onClick={({ currentTarget }) => {
                currentTarget.closest('details')?.removeAttribute('open');
                const key = `${Date.now()}-${Math.random()}`;
                const address = new URL(currentTarget.href);
                address.searchParams.set('key', key);
                currentTarget.href = address.href;
                void watchExport(key);
              }}
            >
              {name}
              <small>{note}</small>
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}

export function idsQuery(ids: Iterable<string>): string {
  return new URLSearchParams(Array.from(ids, (id) => ['id', id])).toString();
}
