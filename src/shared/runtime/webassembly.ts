/** Makes the functions of a WebAssembly module available. */

/** Node's types do not declare it. */
declare const WebAssembly:
  | undefined
  | {
      readonly Module: new (binary: Uint8Array) => object;
      readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
    };

/**
 * Returns what a module exports. Undefined if the runtime has no WebAssembly, lacks what the module needs (SIMD), or has no memory for it.
 *
 * @param base64 The binary of the module.
 */
export function instantiate<Exports>(base64: string, imports: object = {}): Exports | undefined {
  // A reference to an undeclared global would throw.
  if (typeof WebAssembly === 'undefined') return undefined;
  try {
    const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
    return new WebAssembly.Instance(module, imports).exports as Exports;
  } catch {
    return undefined;
  }
}
