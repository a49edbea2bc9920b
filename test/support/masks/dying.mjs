/** A mask that ends its worker at one value. */
export function mask({ data }) {
  if (data === 'die of this secret') process.exit(1);
  return typeof data === 'string' ? '***' : data;
}
