/** Changes a JSON body at some places of its tree, and writes it again. */
import { HOSTILE_JSON, HOSTILE_KEYS } from './hostile-values.js';

/** Stands for a JSON text that JSON.stringify would not write. */
class Raw {
  constructor(text) {
    this.text = text;
  }
}

/** @param {(bound: number) => number} random */
export function mutateJson(text, random) {
  const root = { value: JSON.parse(text) };
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const places = placesIn(root);
    // Everything may have been taken out.
    if (places.length > 0) change(pick(places, random), random);
  }
  return write(root.value);
}

function placesIn(root) {
  const places = [];
  const open = [root];
  while (open.length > 0) {
    const holder = open.pop();
    for (const key of Object.keys(holder)) {
      const value = holder[key];
      places.push({ holder, key });
      if (typeof value === 'object' && value !== null && !(value instanceof Raw)) open.push(value);
    }
  }
  return places;
}

function change({ holder, key }, random) {
  const value = holder[key];
  switch (random(9)) {
    case 0:
    case 1:
    case 2:
      holder[key] = new Raw(pick(HOSTILE_JSON, random));
      return;
    case 3:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return;
    case 4:
      rename(holder, key, pick(HOSTILE_KEYS, random));
      return;
    case 5:
      // A text that is the JSON of something else.
      holder[key] =
        typeof value === 'string' ? new Raw(pick(HOSTILE_JSON, random)) : JSON.stringify(plain(value));
      return;
    case 6:
      holder[key] = pick(HOSTILE_JSON, random);
      return;
    case 7:
      if (Array.isArray(value)) value.push(...Array(random(20)).fill(value[0] ?? null));
      else holder[key] = [value, value];
      return;
    default:
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        define(value, pick(HOSTILE_KEYS, random), new Raw(pick(HOSTILE_JSON, random)));
      } else holder[key] = { [pick(HOSTILE_KEYS, random)]: value };
  }
}

function rename(holder, key, name) {
  const value = holder[key];
  if (Array.isArray(holder)) return;
  delete holder[key];
  define(holder, name, value);
}

function define(holder, key, value) {
  Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true });
}

/** Without what cannot be written twice. */
function plain(value) {
  return value instanceof Raw ? value.text : value;
}

function write(value) {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(write).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}:${write(one)}`)
    .join()}}`;
}

export function pick(list, random) {
  return list[random(list.length)];
}
