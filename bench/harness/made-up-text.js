/** Text that nobody wrote: random words of a vocabulary, letters by about their frequency. The same text in every run. */

const LETTERS = {
  english:
    'eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddlllluuucccmmmwwwffggyyppbbvk',
  cjk: '的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天',
};
const VOCABULARY = 600;
const WORDS_PER_LINE = 18;

/** @param {keyof typeof LETTERS} language */
export function madeUpText(language, bytes) {
  const random = createRandom(0);
  const vocabulary = wordsOf(LETTERS[language], language, random);
  const words = [];
  for (let length = 0; length < bytes; length += Buffer.byteLength(words.at(-1)) + 1) {
    // Squared: few words are frequent, most are rare.
    const word = vocabulary[Math.floor(random() ** 2 * VOCABULARY)];
    words.push(words.length % WORDS_PER_LINE === WORDS_PER_LINE - 1 ? `${word}.\n` : word);
  }
  return words.join(' ');
}

function wordsOf(letters, language, random) {
  return Array.from({ length: VOCABULARY }, () => {
    const length = language === 'cjk' ? 1 + Math.floor(random() * 3) : 2 + Math.floor(random() * 8);
    return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
  });
}

/** A linear congruential generator: Math.random() cannot be seeded. */
function createRandom(seed) {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
