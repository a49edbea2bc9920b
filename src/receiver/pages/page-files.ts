/** The files of the page, as the build has made them: read once, and compressed once. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export interface PageFile {
  type: string;
  content: Buffer;
  gzipped: Buffer;
}

/** The document that runs the page, by the name that no asset has. */
export const DOCUMENT = 'index.html';

/** Where the files are beside the bundled command, beside a single file of the build, and from the sources. */
const FOLDERS = ['./page/', '../../bin/page/', '../../../dist/bin/page/'];

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

let files: ReadonlyMap<string, PageFile> | undefined;

/** Undefined: the page has no such file, or is missing from the installation. */
export function pageFile(name: string): PageFile | undefined {
  files ??= readFiles();
  return files.get(name);
}

function readFiles(): ReadonlyMap<string, PageFile> {
  const folder = FOLDERS.map((path) => new URL(path, import.meta.url)).find((url) =>
    existsSync(new URL(DOCUMENT, url)),
  );
  if (folder === undefined) return new Map();
  const names = readdirSync(fileURLToPath(folder), { recursive: true, encoding: 'utf8' });
  return new Map(
    names.flatMap((name) => {
      const type = TYPES[name.split('.').at(-1) ?? ''];
      if (type === undefined) return [];
      const content = readFileSync(new URL(name.replaceAll('\\', '/'), folder));
      return [[name.split(/[\\/]/).at(-1) as string, { type, content, gzipped: gzipSync(content) }]];
    }),
  );
}
