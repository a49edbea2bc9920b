/** Renders references to media in a text as links, and pictures inline. */

import { type Html, html } from './html.js';

const REFERENCE = /@@@langfuseMedia:type=([^|@\s]+)\|id=([\w-]+)\|source=\w+@@@/g;

/** Picture types that cannot run code. An SVG is a document. */
export const PICTURE_TYPES: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

export function withMedia(text: string): (Html | string)[] {
  const parts: (Html | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const [reference, type = '', id = ''] = match;
    parts.push(text.slice(end, match.index), link(type, id));
    end = match.index + reference.length;
  }
  return [...parts, text.slice(end)];
}

function link(type: string, id: string): Html {
  const url = `/media/${id}`;
  const picture = PICTURE_TYPES.includes(type) && html`<img src="${url}" alt="" loading="lazy">`;
  return html`<a href="${url}">${type} ${id}${picture}</a>`;
}
