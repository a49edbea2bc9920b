/**
 * Regular expressions with classes of Unicode characters (`\p{L}`), made at their first use. V8 collects the characters of such a class
 * when it parses a literal, even one in a function that never runs, and again when it makes the object: those of this package took nearly 3 ms
 * of an import.
 */

/** @param source As in a literal; write it with `String.raw`. */
export function unicodePattern(source: string, flags: string): () => RegExp {
  let pattern: RegExp | undefined;
  return () => {
    pattern ??= new RegExp(source, flags);
    return pattern;
  };
}
