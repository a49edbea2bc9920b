/** A mask in TypeScript. */
export const mask = ({ data }: { readonly data: unknown }): unknown =>
  typeof data === 'string' ? 'masked by TypeScript' : data;
