/** The declarations of the package as a compiler reads them: names that can be imported, and options that may be undefined. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compile, createProgram, installed, REPOSITORY } from '../support/programs.js';

// biome-ignore lint/suspicious/noExplicitAny: version 7 of the compiler, which is installed, has no API and no types for it
type Compiler = any;

// Are The Types Wrong brings a version of the compiler that has an API.
const ts: Compiler = createRequire(installed('@arethetypeswrong/core/package.json'))('typescript');
const DIST = join(REPOSITORY, 'dist');
const { exports } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));

const ENTRIES = ['.', './engine', './otel', './langchain', './openai', './ai-sdk'];

it.each(ENTRIES)('%s exports every type that its declarations mention', (entry) => {
  const file = join(REPOSITORY, exports[entry].import.types);
  const options = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
  const program = ts.createProgram([file], { ...options, types: ['node'], typeRoots: [installed('@types')] });
  const checker = program.getTypeChecker();
  const resolve = (symbol: Compiler): Compiler =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const entryModule = checker.getSymbolAtLocation(program.getSourceFile(file));
  const symbols = checker.getExportsOfModule(entryModule).map(resolve);
  const behindAliases = symbols.map((symbol: Compiler) => checker.getDeclaredTypeOfSymbol(symbol).symbol);
  const own = new Set([...symbols, ...behindAliases]);
  // An integration takes the types of the client from `tailrace`, where a program finds them.
  const client = checker.getSymbolAtLocation(program.getSourceFile(join(DIST, 'esm/index.d.ts')));
  const ofClient = client ? checker.getExportsOfModule(client).map(resolve) : [];
  const exported = new Set([...own, ...ofClient]);
  const missing = new Set<string>();

  function check(name: Compiler, within: Compiler): void {
    const found = checker.getSymbolAtLocation(name);
    const symbol = found && resolve(found);
    const isParameter = symbol === undefined || symbol.flags & ts.SymbolFlags.TypeParameter;
    const isOurs = symbol?.declarations?.[0].getSourceFile().fileName.startsWith(DIST);
    if (!isParameter && isOurs && !exported.has(symbol)) missing.add(`${symbol.name}, in ${within.name}`);
  }

  function visit(node: Compiler, within: Compiler): void {
    if (node.name !== undefined && ts.isPrivateIdentifier(node.name)) return;
    if (ts.isTypeReferenceNode(node)) check(node.typeName, within);
    if (ts.isExpressionWithTypeArguments(node)) check(node.expression, within);
    node.forEachChild((child: Compiler) => visit(child, within));
  }

  for (const symbol of own) {
    for (const declaration of symbol?.declarations ?? []) visit(declaration, symbol);
  }
  expect([...missing]).toEqual([]);
});

it('options and bodies take undefined where they take nothing, also with exactOptionalPropertyTypes', async () => {
  const folder = createProgram({ 'program.ts': EXACT_PROGRAM }, { tailrace: REPOSITORY });
  expect(await compile(folder, 'program.ts', { exactOptionalPropertyTypes: true })).toBe('');
});

it('a library that exports what it infers from a client can have declarations of its own', async () => {
  const folder = createProgram({ 'library.ts': LIBRARY }, { tailrace: REPOSITORY });
  const emitted = { noEmit: false, declaration: true, outDir: 'out', rootDir: '.' };
  expect(await compile(folder, 'library.ts', emitted)).toBe('');
  const declarations = readFileSync(join(folder, 'out/library.d.ts'), 'utf8');
  expect(declarations).toContain('makeClient(): Tailrace');
  expect(declarations).not.toContain('$1');
});

const LIBRARY = `
import { getClient, Tailrace } from 'tailrace';

const client = new Tailrace();
const trace = client.trace({ name: 'library' });
export function makeClient() { return client; }
export const tracing = { client, trace, span: trace.span({ name: 'inferred' }), its: trace.client, first: getClient() };
export class Service { client = new Tailrace(); }
export default new Tailrace();
`;

const EXACT_PROGRAM = `
import type * as client from 'tailrace';
import type * as engine from 'tailrace/engine';
import type * as otel from 'tailrace/otel';

/** The names of optional properties that do not take undefined. */
type Inexact<T> = T extends unknown
  ? { [K in keyof T]-?: {} extends Pick<T, K> ? ({ [P in K]: undefined } extends Pick<T, K> ? never : K) : never }[keyof T]
  : never;

function allow<T>(..._: [Inexact<T>] extends [never] ? [] : [name: Inexact<T>]): void {}

allow<client.TailraceOptions>();
allow<client.AttachOptions>();
allow<client.RedactOptions>();
allow<client.RedactPattern>();
allow<client.PriceOverride>();
allow<client.TraceBody>();
allow<client.TraceEndBody>();
allow<client.ObservationBody>();
allow<client.GenerationBody>();
allow<client.PromptReference>();
allow<client.OpenAIUsage>();
allow<client.Usage>();
allow<client.Place>();
allow<client.ParentContext>();
allow<client.ScoreBody>();
allow<client.ScoreByIdBody>();
allow<client.PropagatedAttributes>();
allow<client.StartOptions>();
allow<client.ActiveOptions>();
allow<client.ObserveOptions>();
allow<client.MediaParams>();
allow<client.OtlpOptions>();
allow<client.OtlpEndpoint>();
allow<engine.EngineInput>();
allow<engine.ExporterSource>();
allow<engine.LogOptions>();
allow<otel.TailraceSpanProcessorOptions>();
allow<otel.SpanDestinationOptions>();
`;
