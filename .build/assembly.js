/**
 * Compiles the AssemblyScript in src/ to WebAssembly and writes each module, as text, into a TypeScript file: `npm run assembly`. The
 * generated files are in the repository. With `--check` it writes nothing and fails if one of them is not what its source says.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import asc from 'assemblyscript/asc';

const COMPRESSION = 'src/consumer/compression';
const ENCODING = 'src/exporters/encoding';
/** Source and generated file. */
const MODULES = [
  [`${ENCODING}/assembly/encoding.ts`, `${ENCODING}/encoding-module.ts`],
  [`${COMPRESSION}/assembly/deflate.ts`, `${COMPRESSION}/deflate-module.ts`],
];
const OPTIONS = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];
const LINE_CHARACTERS = 100;

process.chdir(join(import.meta.dirname, '..'));

async function compile(source) {
  let binary;
  const { error, stderr } = await asc.main([source, ...OPTIONS, '--outFile', 'binary'], {
    writeFile: (_, contents) => {
      binary = contents;
    },
  });
  if (error !== null) throw new Error(`${source} cannot be compiled:\n${stderr}`, { cause: error });
  return binary;
}

function typeScriptOf(source, binary) {
  const base64 = Buffer.from(binary).toString('base64');
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, 'g'));
  return `/** Generated from assembly/${basename(source)} by \`npm run assembly\`: the WebAssembly in base64. */
export const BINARY = [
${lines.map((line) => `  '${line}',\n`).join('')}].join('');
`;
}

for (const [source, generated] of MODULES) {
  const text = typeScriptOf(source, await compile(source));
  if (!process.argv.includes('--check')) writeFileSync(generated, text);
  else if (readFileSync(generated, 'utf8') !== text) {
    throw new Error(`${generated} is not what ${source} says: run \`npm run assembly\``);
  }
}
