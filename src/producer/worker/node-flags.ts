/** Reads flags of Node.js, from the command line and from NODE_OPTIONS. */

export interface Flag {
  /** As Node.js documents it: `--conditions`, whether it was said so or as `-C`; without `no-`. */
  readonly name: string;
  readonly value: string | undefined;
  /** Said with `--no-`. */
  readonly isOff: boolean;
  /** In one word. */
  readonly text: string;
}

const ALIASES: Readonly<Record<string, string>> = {
  '-r': '--require',
  '-C': '--conditions',
  '--loader': '--experimental-loader',
};

/** Their value may be the next word. Of the others that have one it is not needed here. */
const WITH_VALUE = new Set([
  '--require',
  '--import',
  '--experimental-loader',
  '--conditions',
  '--dns-result-order',
  '--network-family-autoselection-attempt-timeout',
  '--max-http-header-size',
  '--tls-keylog',
  '--disable-warning',
]);

export function readFlags(words: readonly string[]): Flag[] {
  const flags: Flag[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (!word.startsWith('-')) continue;
    const [, said = word, own] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    const isOff = said.startsWith('--no-');
    // Node.js reads underscores as hyphens.
    const spelt = said.replace(/^--no-/, '--').replace(/(?<=[^-])_/g, '-');
    const name = ALIASES[spelt] ?? spelt;
    const value = own ?? (WITH_VALUE.has(name) && !isOff ? words[++i] : undefined);
    const positive = value === undefined ? name : `${name}=${value}`;
    flags.push({ name, value, isOff, text: isOff ? positive.replace('--', '--no-') : positive });
  }
  return flags;
}

/** Words are separated by spaces; in double quotes, with backslashes before what is meant as it is, they may hold some. */
export function readNodeOptions(text: string): string[] {
  const words = text.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/gs) ?? [];
  return words.map((word) => word.replace(/"((?:\\.|[^"\\])*)"/gs, (_, quoted: string) => unescaped(quoted)));
}

function unescaped(quoted: string): string {
  return quoted.replace(/\\(.)/gs, '$1');
}
