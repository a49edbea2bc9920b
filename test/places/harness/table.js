/** The results as a table of Markdown: one row for each tool, its variants in it. A place's name is "tool, variant". */

export function table(places, results) {
  const rows = byTool(places);
  const lines = [...rows].flatMap(([tool, members]) => {
    const tried = members.filter(({ name }) => results[name] !== undefined);
    return tried.length === 0 ? [] : [rowOf(tool, tried, results)];
  });
  const dates = Object.values(results)
    .map(({ date }) => date)
    .sort();
  const when = dates[0] === dates.at(-1) ? dates[0] : `${dates[0]} to ${dates.at(-1)}`;
  return `Tried ${when}.\n\n| place | versions | result | what to do |\n| --- | --- | --- | --- |\n${lines.join('\n')}`;
}

function rowOf(tool, members, results) {
  const versions = members.flatMap(({ name }) => Object.entries(results[name].versions).map(versionText));
  const outcomes = [...new Set(members.map(({ name }) => results[name].result))].map((result) => {
    const variants = members.filter(({ name }) => results[name].result === result).map(variantOf);
    return variants.join('') === '' ? result : `${result}: ${variants.join('; ')}`;
  });
  const remedies = members.map((place) => remedyOf(place, results[place.name])).filter((text) => text !== '');
  const nothing = members.some(({ name }) => results[name].result === 'fails') ? '' : 'nothing';
  return `| ${[tool, unique(versions), outcomes.join('. '), unique(remedies, '. ') || nothing].join(' | ')} |`;
}

function remedyOf(place, { result, why }) {
  const text = result === 'not to be had here' ? why : place.todo;
  const variant = variantOf(place);
  return text === '' || variant === '' ? text : `${variant}: ${text}`;
}

const versionText = ([name, version]) => (name === 'node' ? `Node.js ${version}` : `${name} ${version}`);
const unique = (texts, between = ', ') => [...new Set(texts)].join(between);
const toolOf = ({ name }) => name.split(', ')[0];
const variantOf = ({ name }) => name.split(', ').slice(1).join(', ');

function byTool(places) {
  const rows = new Map();
  for (const place of places) rows.set(toolOf(place), [...(rows.get(toolOf(place)) ?? []), place]);
  return rows;
}
