export interface Place {
  /** "tool, variant": both are in the table. */
  readonly name: string;
  readonly group: string;
  /** Whether `npm test` has it as well. */
  readonly fast: boolean;
  /** What an application has to do there; empty: nothing. */
  readonly todo: string;
}

export const places: readonly Place[];
