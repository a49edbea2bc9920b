/** The shop's handbook, and a search that ranks passages by the words they share with the question. */

interface Passage {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export interface Hit extends Passage {
  readonly score: number;
}

export const HANDBOOK: readonly Passage[] = [
  {
    id: 'returns',
    title: 'Returns and refunds',
    text: 'Articles can be sent back within 30 days of delivery. Unused articles are refunded in full, used ones less 15 %. Gas and food cannot be sent back.',
  },
  {
    id: 'warranty',
    title: 'Warranty and repair',
    text: 'Our own articles carry a warranty of two years. Within it our workshop repairs tents, packs and stoves free of charge; a repair takes about ten days.',
  },
  {
    id: 'shipping',
    title: 'Shipping and parcels',
    text: 'Parcels leave our warehouse within one working day and take two to four days. If a parcel is a week late we send the order again.',
  },
  {
    id: 'down-care',
    title: 'Washing down',
    text: 'Wash a down jacket at 30 degrees with down soap and no softener. Tumble dry on low heat with two tennis balls until no lumps are left.',
  },
  {
    id: 'gas-flight',
    title: 'Gas on a plane',
    text: 'Gas canisters may not travel on a plane, neither in the cabin nor in the hold. A stove may, if it is clean and its burner smells of nothing.',
  },
  {
    id: 'boot-fit',
    title: 'Fit of boots',
    text: 'Hiking boots should leave a thumb of room before the toes. Try them in the evening, in the socks you walk in; half a size larger is usual.',
  },
];

/** Words are compared by a rough stem: "boots", "boot" and "booted" are one. */
const SUFFIX = /(?:ing|ed|es|s)$/;
const STOP_WORDS = new Set(
  'a about an and any are at be can do does for have how i if in is it may me my of on or our that the this to was we what when where with you your'.split(
    ' ',
  ),
);
/** A word in the title weighs more than one in the text. */
const TITLE_WEIGHT = 2;

interface IndexedPassage {
  readonly passage: Passage;
  readonly title: ReadonlySet<string>;
  readonly text: ReadonlySet<string>;
}

const index: readonly IndexedPassage[] = HANDBOOK.map((passage) => {
  return { passage, title: stemsOf(passage.title), text: stemsOf(passage.text) };
});

/** Best passages first; empty if no word is shared. */
export function searchHandbook(query: string, maxHits = 2): Hit[] {
  const words = stemsOf(query);
  return index
    .map((entry) => ({ ...entry.passage, score: score(entry, words) }))
    .filter((hit) => hit.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, maxHits);
}

/** A rare word weighs more, as in any keyword search. */
function score({ title, text }: IndexedPassage, words: ReadonlySet<string>): number {
  let total = 0;
  for (const word of words) {
    const weight = (title.has(word) ? TITLE_WEIGHT : 0) + (text.has(word) ? 1 : 0);
    if (weight > 0) total += weight * Math.log(1 + index.length / passagesWith(word));
  }
  return Number(total.toFixed(3));
}

function passagesWith(word: string): number {
  return index.filter(({ title, text }) => title.has(word) || text.has(word)).length;
}

function stemsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[a-z]{2,}/g) ?? [];
  return new Set(words.filter((word) => !STOP_WORDS.has(word)).map((word) => word.replace(SUFFIX, '')));
}
