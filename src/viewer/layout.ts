/** The layout of all pages, and their content security policy: no scripts, no external resources. */

import { createHash } from 'node:crypto';
import { type Html, html, toText, trusted } from './html.js';
import { STYLESHEET } from './stylesheet.js';

const STYLE_HASH = createHash('sha256').update(STYLESHEET).digest('base64');

/** A second defence: a payload that gets past the escaping can run and fetch nothing. */
export const CONTENT_SECURITY_POLICY = [
  `default-src 'none'`,
  `style-src 'sha256-${STYLE_HASH}'`,
  `img-src 'self' data:`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E%3Cpath d=%22M1 5c3-3 4 3 7 0s4 3 7 0M1 11c3-3 4 3 7 0s4 3 7 0%22 fill=%22none%22 stroke=%22%230b6bcb%22 stroke-width=%222%22/%3E%3C/svg%3E';

export function layout(title: string, main: Html): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · tailrace</title>
<link rel="icon" href="${ICON}">
<style>${trusted(STYLESHEET)}</style>
</head>
<body>
<header><p><a href="/">tailrace</a> <span>local receiver</span></p></header>
<main>
${main}
</main>
</body>
</html>
`;
  return toText(page);
}

/** The page for errors. */
export function errorPage(status: number, message: string): string {
  const title = status === 404 ? 'Not found' : 'This did not work';
  return layout(
    title,
    html`<h1>${title}</h1>
<p>${message}</p>
<p><a href="/">All traces</a></p>`,
  );
}
