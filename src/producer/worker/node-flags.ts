/** Reads flags of Node.js, from the command line and from NODE_OPTIONS. */

export interface Flag {
  /** The name that Node.js documents: `--conditions` also for `-C`; without `no-`. */
  readonly name: string;
  readonly value: string | undefined;
  /** Given as `--no-…`. */
  readonly isOff: boolean;
  /** As one argument. */
  readonly text: string;
}

const ALIASES: Readonly<Record<string, string>> = {
  '-r': '--require',
  '-C': '--conditions',
  '--loader': '--experimental-loader',
};

/** Flags whose value may be the next argument. Others have values too, which nobody needs here. */
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

export function readFlags(args: readonly string[]): Flag[] {
  const flags: Flag[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith('-')) continue;
    const [, given = arg, own] = /^([^=]+)=(.*)$/s.exec(arg) ?? [];
    const isOff = given.startsWith('--no-');
    // Node.js reads underscores as hyphens.
    const spelt = given.replace(/^--no-/, '--').replace(/(?<=[^-])_/g, '-');
    const name = ALIASES[spelt] ?? spelt;
    const value = own ?? (WITH_VALUE.has(name) && !isOff ? args[++i] : undefined);
    const positive = value === undefined ? name : `${name}=${value}`;
    flags.push({ name, value, isOff, text: isOff ? positive.replace('--', '--no-') : positive });
  }
  return flags;
}

/** Splits at spaces. Within double quotes a space stays, and a backslash keeps the next character as it is. */
export function readNodeOptions(text: string): string[] {
  const args = text.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/gs) ?? [];
  return args.map((arg) => arg.replace(/"((?:\\.|[^"\\])*)"/gs, (_, quoted: string) => unescaped(quoted)));
}

function unescaped(quoted: string): string {
  return quoted.replace(/\\(.)/gs, '$1');
}
