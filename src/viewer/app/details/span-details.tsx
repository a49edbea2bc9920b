/** Events, links, resource and scope of an OpenTelemetry span. */

import type { SpanEventView, SpanLinkView, SpanView } from '../../data/details.js';
import { count, duration, plural, readableLines } from '../ui/format.js';
import { Link } from '../ui/link.js';
import { traceAddress } from '../ui/router.js';
import { JsonTree } from './json-tree.js';

interface SpanDetailsProps {
  span: SpanView;
  /** Start of the observation: times of events are after it. */
  startUs: number;
}

export function SpanDetails({ span, startUs }: SpanDetailsProps) {
  const { events, eventTotal, links, linkTotal, scope, resource } = span;
  return (
    <>
      {events.length > 0 && (
        <details class="payload" open>
          <summary>
            <h3>Events</h3> <span class="muted">{count(eventTotal)}</span>
          </summary>
          <ul class="span-events">
            {events.map((event, index) => (
              <EventView key={index} event={event} startUs={startUs} />
            ))}
          </ul>
          <Hidden total={eventTotal} shown={events.length} what="event" />
        </details>
      )}
      {links.length > 0 && (
        <details class="payload" open>
          <summary>
            <h3>Links</h3> <span class="muted">{count(linkTotal)}</span>
          </summary>
          <ul class="span-links">
            {links.map((link, index) => (
              <LinkView key={index} link={link} />
            ))}
          </ul>
          <Hidden total={linkTotal} shown={links.length} what="link" />
        </details>
      )}
      {(scope !== null || resource !== null) && (
        <details class="payload">
          <summary>
            <h3>Resource and scope</h3>{' '}
            <span class="muted">{scope === null ? '' : `${scope.name} ${scope.version}`}</span>
          </summary>
          {resource !== null && <Attributes label="Resource" attributes={resource} />}
          {scope !== null && (
            <Attributes label={`Scope ${scope.name} ${scope.version}`.trim()} attributes={scope.attributes} />
          )}
        </details>
      )}
    </>
  );
}

function EventView({
  event: { name, timeUs, attributes },
  startUs,
}: {
  event: SpanEventView;
  startUs: number;
}) {
  const { 'exception.type': type, 'exception.message': message, ...others } = attributes;
  const { 'exception.stacktrace': stack, ...rest } = others;
  const isException = name === 'exception';
  return (
    <li class={isException ? 'exception' : ''}>
      <p>
        <b>{isException && typeof type === 'string' ? type : name}</b>
        {timeUs !== null && <span class="muted"> {afterStart(timeUs - startUs)}</span>}
      </p>
      {isException && typeof message === 'string' && <p class="text">{message}</p>}
      {isException && typeof stack === 'string' && <pre class="stack">{readableLines(stack)}</pre>}
      <Attributes label="" attributes={isException ? rest : attributes} />
    </li>
  );
}

/** An event may carry a time before its span's start. */
function afterStart(micros: number): string {
  return micros < 0 ? `−${duration(-micros)}` : `+${duration(micros)}`;
}

function LinkView({ link: { traceId, spanId, isStored, attributes } }: { link: SpanLinkView }) {
  return (
    <li>
      <p class="mono">
        {isStored ? (
          <Link to={traceAddress(traceId, spanId)} title="Open the linked span">
            {traceId} · {spanId}
          </Link>
        ) : (
          <span title="This server does not have the trace">
            {traceId} · {spanId}
          </span>
        )}
      </p>
      <Attributes label="" attributes={attributes} />
    </li>
  );
}

function Attributes({ label, attributes }: { label: string; attributes: Record<string, unknown> }) {
  if (Object.keys(attributes).length === 0) return label === '' ? null : <p class="muted">{label}</p>;
  return (
    <div class="span-attributes">
      {label !== '' && <p class="muted">{label}</p>}
      <JsonTree value={attributes} />
    </div>
  );
}

function Hidden({ total, shown, what }: { total: number; shown: number; what: string }) {
  if (total <= shown) return null;
  return <p class="note">{plural(total - shown, `more ${what}`)}: the metadata have all.</p>;
}
