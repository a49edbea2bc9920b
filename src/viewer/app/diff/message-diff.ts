/** The difference of two payloads: of chats by message, of anything else by text. */

import { diffArrays } from 'diff/lib/diff/array.js';
import { chatItems, chatMessages } from '../details/chat.js';
import { textOfValue, valueOfPayload } from '../details/payload-values.js';
import { diffText, type TextPart } from './text-diff.js';

export type MessageChange =
  | { kind: 'same' | 'added' | 'removed'; items: unknown[] }
  | { kind: 'changed'; role: string; parts: TextPart[] };

export type PayloadDiff =
  | { kind: 'messages'; changes: MessageChange[] }
  | { kind: 'text'; parts: TextPart[] }
  /** One of the two is longer than is compared. */
  | { kind: 'too-long' };

/** Nobody reads the difference of longer texts in a browser. */
const MAX_CHARS = 2 * 1024 * 1024;

/** `before` and `after`: payloads as they came. */
export function diffPayloads(before: string, after: string): PayloadDiff {
  if (before.length > MAX_CHARS || after.length > MAX_CHARS) return { kind: 'too-long' };
  const [old, new_] = [valueOfPayload(before), valueOfPayload(after)];
  const [oldItems, newItems] = [chatItems(old), chatItems(new_)];
  if (oldItems === null || newItems === null) {
    return { kind: 'text', parts: diffText(readable(old, before), readable(new_, after)) };
  }
  return { kind: 'messages', changes: diffItems(oldItems, newItems) };
}

/** How many messages are of each kind. */
export function countMessages(changes: readonly MessageChange[]): Record<MessageChange['kind'], number> {
  const counts = { same: 0, added: 0, removed: 0, changed: 0 };
  for (const change of changes) counts[change.kind] += change.kind === 'changed' ? 1 : change.items.length;
  return counts;
}

function diffItems(before: readonly unknown[], after: readonly unknown[]): MessageChange[] {
  const changes: MessageChange[] = [];
  // By position. Keys in another order mean the same, but are rare, and show as a change.
  let [oldAt, newAt] = [0, 0];
  let removed: unknown[] = [];
  const flush = () => {
    if (removed.length > 0) changes.push({ kind: 'removed', items: removed });
    removed = [];
  };
  for (const chunk of diffArrays(before.map(textOfValue), after.map(textOfValue))) {
    const count = chunk.value.length;
    if (chunk.removed) {
      removed = before.slice(oldAt, oldAt + count);
      oldAt += count;
      continue;
    }
    const items = after.slice(newAt, newAt + count);
    newAt += count;
    if (chunk.added) {
      pair(removed, items, changes);
      removed = [];
    } else {
      flush();
      oldAt += count;
      changes.push({ kind: 'same', items });
    }
  }
  flush();
  return changes;
}

/** A message that stands where one of the same role and kind stood is a changed one. */
function pair(removed: readonly unknown[], added: readonly unknown[], changes: MessageChange[]): void {
  let at = 0;
  for (; at < removed.length && at < added.length; at += 1) {
    const [old, new_] = [removed[at], added[at]];
    if (roleOf(old) !== roleOf(new_) || (plainText(old) === null) !== (plainText(new_) === null)) break;
    changes.push({ kind: 'changed', role: roleOf(new_), parts: diffText(textOf(old), textOf(new_)) });
  }
  if (at < removed.length) changes.push({ kind: 'removed', items: removed.slice(at) });
  if (at < added.length) changes.push({ kind: 'added', items: added.slice(at) });
}

function roleOf(item: unknown): string {
  return chatMessages([item])?.[0]?.role ?? '';
}

/** The text of a message that has nothing else, or null. */
function plainText(item: unknown): string | null {
  const parts = chatMessages([item])?.flatMap((message) => message.parts) ?? [];
  const texts = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
  return texts.length === parts.length && texts.length > 0 ? texts.join('\n\n') : null;
}

function textOf(item: unknown): string {
  return plainText(item) ?? textOfValue(item);
}

function readable(value: unknown, source: string): string {
  return textOfValue(value) || source;
}
