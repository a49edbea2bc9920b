/** How much longer a JSON text becomes when each of its values has a line of its own. */

const allowedGrowth = 10;
const alwaysAllowedChars = 100_000;

/** A deep one grows a thousandfold: its lines would be indents and little else. */
export function growsByIndents(text: string): boolean {
  let room = alwaysAllowedChars + allowedGrowth * text.length;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length && room >= 0; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) inString = !inString;
    else if (inString) {
      if (code === 0x5c) index += 1;
    } else if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    else if (code !== 0x2c) continue;
    if (!inString) room -= 2 * depth;
  }
  return room < 0;
}
