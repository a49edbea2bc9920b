/** HTML that is always escaped: only this template creates Html, and it escapes everything that is not Html. */

const MARKER = Symbol('html');

export interface Html {
  readonly [MARKER]: string;
}

type HtmlValue = Html | string | number | null | undefined | false | HtmlValue[];

/** A tagged template. Escapes text for element content and quoted attributes; null and false render nothing. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) text += render(value) + (strings[index + 1] ?? '');
  return { [MARKER]: text };
}

/** For text written in this project only, such as the stylesheet. */
export function trusted(text: string): Html {
  return { [MARKER]: text };
}

export function toText(value: Html): string {
  return value[MARKER];
}

function render(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.map(render).join('');
  return typeof value === 'object' ? value[MARKER] : escapeHtml(String(value));
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
