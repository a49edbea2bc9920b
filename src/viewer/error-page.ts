/** The page for what is not there, or went wrong. */

import { html } from './html.js';
import { layout } from './layout.js';

export function errorPage(status: number, message: string): string {
  const title = status === 404 ? 'Not found' : 'This did not work';
  return layout(
    title,
    html`<h1>${title}</h1>
<p>${message}</p>
<p><a href="/">All traces</a></p>`,
  );
}
