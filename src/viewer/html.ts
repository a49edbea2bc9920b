/** HTML that cannot be forgotten to be escaped: only this template makes Html, and it escapes whatever is not Html. */

const marker = Symbol('html');

export interface Html {
  readonly [marker]: string;
}

export type HtmlValue = Html | string | number | null | undefined | false | HtmlValue[];

/** A tagged template. Text is escaped for element content and for quoted attributes; null and false give nothing. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) text += render(value) + (strings[index + 1] ?? '');
  return { [marker]: text };
}

/** For text written in this project only, such as the stylesheet. */
export function trusted(text: string): Html {
  return { [marker]: text };
}

export function toText(value: Html): string {
  return value[marker];
}

function render(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.map(render).join('');
  return typeof value === 'object' ? value[marker] : escapeHtml(String(value));
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}
