/** How many spans a body of OTLP has, in protobuf or JSON, without decoding one. */

const SPAN_ID = Buffer.from('"spanId":"');
const OPENING_BRACE = 0x7b;
/** resource_spans of the request, scope_spans of these, spans of these. */
const PATH = [1, 2, 2];
const LENGTH_DELIMITED = 2;

export function countSpans(body) {
  return body[0] === OPENING_BRACE ? countInJson(body) : countFields(body, 0, body.length, 0);
}

/** In a text the quotes would be escaped. Links would count; nothing here makes any. */
function countInJson(body) {
  let count = 0;
  for (let at = body.indexOf(SPAN_ID); at !== -1; at = body.indexOf(SPAN_ID, at + 1)) count++;
  return count;
}

function countFields(body, start, end, depth) {
  let count = 0;
  for (let at = start; at < end; ) {
    const tag = body[at++];
    let length = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      length += (body[at] & 0x7f) * 2 ** shift;
      more = (body[at++] & 0x80) !== 0;
    }
    if ((tag & 7) !== LENGTH_DELIMITED) throw new Error(`unexpected wire type ${tag & 7}`);
    if (tag >> 3 === PATH[depth])
      count += depth === PATH.length - 1 ? 1 : countFields(body, at, at + length, depth + 1);
    at += length;
  }
  return count;
}
