/** Finds in the beginning and the end of a payload what tells it from others, without parsing the whole. */

const MAX_PREVIEW_CHARS = 300;

/** Of a chat the last message with a text, or a call of a tool; of an object with one text that text; else the beginning. */
export function previewOf(head: string, tail: string): string {
  const start = head.trimStart();
  const isChat = /^[[{]/.test(start) && /"(?:role|content|messages)"\s*:/.test(start);
  const text = isChat ? (lastMessage(tail) ?? start) : (onlyText(start) ?? unquoted(start));
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_PREVIEW_CHARS);
}

const JSON_STRING = String.raw`"((?:[^"\\]|\\.)*)"`;
/** `tail` may begin and end anywhere, so a message counts only with both of its quotes. */
const USER_TEXT = new RegExp(String.raw`"role"\s*:\s*"user"\s*,\s*"content"\s*:\s*${JSON_STRING}`, 'g');
const ANY_TEXT = new RegExp(String.raw`"(?:content|text)"\s*:\s*${JSON_STRING}`, 'g');
const ONE_TEXT = new RegExp(String.raw`^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*${JSON_STRING}\s*\}\s*$`);
const CALLED = '"(?:arguments|args|input)"';
const TOOL_NAMES = [
  new RegExp(String.raw`"(?:name|toolName)"\s*:\s*${JSON_STRING}\s*,\s*${CALLED}`, 'g'),
  new RegExp(String.raw`${CALLED}\s*:\s*"(?:[^"\\]|\\.)*"\s*,\s*"name"\s*:\s*${JSON_STRING}`, 'g'),
];

function lastMessage(tail: string): string | undefined {
  const text = lastOf(tail, USER_TEXT) ?? lastOf(tail, ANY_TEXT);
  if (text !== undefined && text !== '') return text;
  const tool = TOOL_NAMES.map((pattern) => lastOf(tail, pattern)).find((name) => name !== undefined);
  return tool === undefined ? undefined : `${tool}(…)`;
}

function lastOf(tail: string, pattern: RegExp): string | undefined {
  const found = [...tail.matchAll(pattern)].at(-1)?.[1];
  return found === undefined ? undefined : fromJson(found);
}

function fromJson(quoted: string): string {
  try {
    return JSON.parse(`"${quoted}"`) as string;
  } catch {
    return quoted;
  }
}

/** `{"question": "Where?"}` is `Where?`. */
function onlyText(text: string): string | undefined {
  const [, quoted] = ONE_TEXT.exec(text) ?? [];
  return quoted === undefined ? undefined : fromJson(quoted);
}

/** A JSON string without its quotes. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  const end = text.endsWith('"') && text.length > 1 ? -1 : undefined;
  return fromJson(text.slice(1, end));
}
