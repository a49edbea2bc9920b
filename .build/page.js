/** Builds the page of the local server: Vite bundles src/viewer/app to dist/bin/page, beside the command that serves it. */
import { resolve } from 'node:path';
import { build } from 'vite';

/** The page has one style sheet and one file that is loaded later: nothing to preload, and 0.6 kB less. */
const withoutPreload = {
  name: 'without-preload',
  enforce: 'pre',
  load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : null),
};

export function buildPage() {
  return build({
    configFile: false,
    plugins: [withoutPreload],
    root: resolve('src/viewer/app'),
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: resolve('dist/bin/page'),
      emptyOutDir: true,
      target: 'es2022',
      // The policy of the page allows files only: no text of the document, no data.
      assetsInlineLimit: 0,
      modulePreload: false,
      cssCodeSplit: false,
    },
  });
}
