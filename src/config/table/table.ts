/** The one table of all options: what the resolvers, the warnings, the types and the documentation are made from. */
import { CONTENT_ROWS } from './content-rows.js';
import { DELIVERY_ROWS } from './delivery-rows.js';
import { DESTINATION_ROWS } from './destination-rows.js';
import type { BuiltIn, Entry, Facts, Kind, OptionRow } from './row.js';
import { UNUSED_ROWS } from './unused-rows.js';
import { WORKER_ROWS } from './worker-rows.js';

/** Warnings name options in this order. */
export const OPTIONS = {
  ...DESTINATION_ROWS,
  ...CONTENT_ROWS,
  ...DELIVERY_ROWS,
  ...WORKER_ROWS,
  ...UNUSED_ROWS,
};

export type OptionName = keyof typeof OPTIONS;

const MIN_SECONDS = 0.001;
const tables = new Map<Entry, ReadonlyMap<OptionName, Facts>>();

/** The options of one entry, with what differs there. */
export function optionsOf(entry: Entry): ReadonlyMap<OptionName, Facts> {
  const known = tables.get(entry);
  if (known !== undefined) return known;
  const rows = Object.entries(OPTIONS) as [OptionName, OptionRow][];
  const table = new Map(
    rows.flatMap(([name, row]): [OptionName, Facts][] =>
      row[entry] === undefined ? [] : [[name, merge(row, row[entry])]],
    ),
  );
  tables.set(entry, table);
  return table;
}

function merge(row: OptionRow, ofEntry: Partial<Facts>): Facts {
  const facts = { ...row, ...ofEntry } as Facts;
  if (facts.secondsOf === undefined) return facts;
  const inMs = factsOf('engine', facts.secondsOf as OptionName);
  return {
    ...facts,
    unit: 's',
    default: facts.default ?? (inMs.default as number) / 1000,
    min: MIN_SECONDS,
    max: (inMs.max as number) / 1000,
  };
}

export function factsOf(entry: Entry, name: OptionName): Facts {
  const facts = optionsOf(entry).get(name);
  if (facts === undefined) throw new TypeError(`no option ${name} of the ${entry}`);
  return facts;
}

/** The names that an application may use, older ones included. */
export function namesOf(entry: Entry, isWanted: (facts: Facts) => boolean = () => true): readonly string[] {
  return [...optionsOf(entry)].flatMap(([name, facts]) =>
    isWanted(facts) ? [name, ...(facts.aliases ?? [])] : [],
  );
}

/** The name of the option that also has this older name. */
export function optionOf(entry: Entry, name: string): string {
  for (const [option, { aliases }] of optionsOf(entry)) if (aliases?.includes(name)) return option;
  return name;
}

/** Options that this kind of destination has no use for. */
export function namesNotFor(
  entry: Entry,
  kind: Kind | BuiltIn,
  choosesDestination = false,
): readonly string[] {
  return namesOf(
    entry,
    ({ notFor, choosesDestination: chooses = false }) =>
      (notFor as readonly (Kind | BuiltIn)[] | undefined)?.includes(kind) === true &&
      chooses === choosesDestination,
  );
}

export function defaultNumber(entry: Entry, name: OptionName): number {
  return factsOf(entry, name).default as number;
}
