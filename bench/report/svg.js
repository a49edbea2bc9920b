/**
 * The few shapes that the charts are made of. Colours are classes with a light and a dark value, on a ground of their
 * own, so that a chart reads well wherever its file is shown.
 */
export const escapeText = (text) =>
  String(text).replace(
    /[&<>"]/g,
    (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character],
  );

const STYLE = `
  text { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #3b4252 }
  .title { font-size: 15px; font-weight: 600; fill: #1f2430 } .small { font-size: 11px; fill: #6b7280 }
  .strong { font-weight: 600; fill: #1f2430 } .ground { fill: #ffffff } .grid { stroke: #e5e7eb }
  .ours { fill: #0b7285; stroke: #0b7285 } .peer { fill: #c2571a; stroke: #c2571a }
  .floor { fill: #8a929e; stroke: #8a929e } .lost { fill: #f0c9b0; stroke: none } text.ours, text.peer, text.floor { stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #c6ccd7 } .title, .strong { fill: #f1f3f7 } .small { fill: #949dab } .ground { fill: #14181f }
    .grid { stroke: #2b323d } .ours { fill: #4cc9e0; stroke: #4cc9e0 } .peer { fill: #f0955b; stroke: #f0955b }
    .floor { fill: #78818f; stroke: #78818f } .lost { fill: #5a3a28 }
  }`;

const round = (number) => Math.round(number * 10) / 10;

export function svg(width, height, title, shapes) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeText(title)}">
<style>${STYLE}</style>
<rect class="ground" width="${width}" height="${height}" rx="6"/>
${text(20, 28, title, { class: 'title' })}
${shapes.flat(Infinity).join('\n')}
</svg>
`;
}

export function text(x, y, content, { class: name = '', anchor = 'start' } = {}) {
  return `<text x="${round(x)}" y="${round(y)}" class="${name}" text-anchor="${anchor}">${escapeText(content)}</text>`;
}

export function line(x1, y1, x2, y2, { class: name = 'grid', width = 1 } = {}) {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${name}" stroke-width="${width}"/>`;
}

export function dot(x, y, radius, name) {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${radius}" class="${name}"/>`;
}

export function bar(x, y, width, height, name) {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${height}" class="${name}"/>`;
}

/** Positions on a logarithmic axis, and the powers of ten to draw. */
export function logScale(low, high, from, to) {
  const [start, end] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const span = Math.max(1, end - start);
  return {
    at: (value) => from + ((Math.log10(Math.max(value, 10 ** start)) - start) / span) * (to - from),
    ticks: Array.from({ length: span + 1 }, (_, i) => 10 ** (start + i)),
  };
}
