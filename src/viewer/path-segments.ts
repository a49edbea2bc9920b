/**
 * Ids as parts of a path. Browsers and servers take `.` and `..` for steps in the path, also when they are escaped: these two ids
 * get a `~` in front, and so do ids that are one of them behind `~`. All other ids are written as in any URL.
 */

/** Half of a surrogate pair becomes U+FFFD, as in the store. */
export function segmentOf(id: string): string {
  return encodeURIComponent(/^~*\.{1,2}$/.test(id) ? `~${id}` : id.toWellFormed());
}

/** @throws URIError if it holds a wrong percent-encoding. */
export function idOfSegment(segment: string): string {
  const id = decodeURIComponent(segment);
  return /^~+\.{1,2}$/.test(id) ? id.slice(1) : id;
}
