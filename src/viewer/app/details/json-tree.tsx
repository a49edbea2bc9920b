/** JSON as a tree. Only what is open is in the document, and of long lists the beginning. */

import { useState } from 'preact/hooks';
import { Copy } from '../ui/copy.js';
import { count } from '../ui/format.js';
import { Icon } from '../ui/icons.js';
import { mediumOf } from './media.js';
import { MediaView, TextWithMedia } from './media-view.js';
import { textOfValue } from './payload-values.js';

const FIRST_CHILDREN = 100;
const OPEN_DEPTH = 2;
/** A node with more children is closed at first, unless it is the whole. */
const MAX_OPEN_CHILDREN = 30;
const SHOWN_CHARS = 2_000;

export function JsonTree({ value }: { value: unknown }) {
  return (
    <div class="json">
      <Node name={null} value={value} path="$" depth={0} />
    </div>
  );
}

interface NodeProps {
  /** Null: the whole. */
  name: string | null;
  value: unknown;
  path: string;
  depth: number;
}

function Node({ name, value, path, depth }: NodeProps) {
  return typeof value === 'object' && value !== null ? (
    <Branch name={name} value={value} path={path} depth={depth} />
  ) : (
    <div class="json-line">
      {name !== null && <span class="json-key">{name}: </span>}
      <Leaf value={value} />
      <Tools path={path} value={value} />
    </div>
  );
}

function Branch({ name, value, path, depth }: NodeProps & { value: object }) {
  const keys = Object.keys(value);
  const isList = Array.isArray(value);
  const [isOpen, setOpen] = useState(depth === 0 || (depth < OPEN_DEPTH && keys.length <= MAX_OPEN_CHILDREN));
  const [shown, setShown] = useState(FIRST_CHILDREN);
  const brackets = isList ? '[]' : '{}';
  if (keys.length === 0) {
    return (
      <div class="json-line">
        {name !== null && <span class="json-key">{name}: </span>}
        {brackets}
      </div>
    );
  }
  return (
    <div>
      <div class="json-line">
        <button type="button" class="json-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <Icon name={isOpen ? 'down' : 'right'} />
          {name !== null && <span class="json-key">{name}: </span>}
          <span class="json-size">{isList ? `[${count(keys.length)}]` : `{${count(keys.length)}}`}</span>
          {!isOpen && <span class="json-glimpse">{glimpse(value, keys)}</span>}
        </button>
        <Tools path={path} value={value} />
      </div>
      {isOpen && (
        <div class="json-children">
          {keys.slice(0, shown).map((key) => (
            <Node
              key={key}
              name={key}
              value={(value as Record<string, unknown>)[key]}
              path={isList ? `${path}[${key}]` : path + propertyPath(key)}
              depth={depth + 1}
            />
          ))}
          {keys.length > shown && (
            <button type="button" class="link-button" onClick={() => setShown(shown + 10 * FIRST_CHILDREN)}>
              Show more of {count(keys.length - shown)}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function propertyPath(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** A few words of a closed node. */
function glimpse(value: object, keys: readonly string[]): string {
  const parts = keys.slice(0, 4).map((key) => {
    const one = (value as Record<string, unknown>)[key];
    const text = typeof one === 'object' && one !== null ? '…' : String(one).slice(0, 30);
    return Array.isArray(value) ? text : `${key.slice(0, 30)}: ${text}`;
  });
  return parts.join(', ');
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value !== 'string')
    return <span class={`json-${value === null ? 'null' : typeof value}`}>{String(value)}</span>;
  if (mediumOf(value) !== null) return <MediaView source={value} />;
  return <StringLeaf text={value} />;
}

function StringLeaf({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? text : text.slice(0, SHOWN_CHARS);
  return (
    <span class="json-string">
      <TextWithMedia text={shown} />
      {shown.length < text.length && (
        <>
          …{' '}
          <button type="button" class="link-button" onClick={() => setWhole(true)}>
            show all {count(text.length)} characters
          </button>
        </>
      )}
    </span>
  );
}

function Tools({ path, value }: { path: string; value: unknown }) {
  return (
    <span class="json-tools">
      <Copy text={path} label={`Copy the path ${path.slice(0, 100)}`} />
      <Copy text={() => textOfValue(value)} label="Copy the value" />
    </span>
  );
}
