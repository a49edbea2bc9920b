export interface Kills {
  readonly events: number;
  readonly received: number;
  readonly repeated: number;
  readonly recovered: number;
  readonly missing: string[];
  readonly twice: string[];
  readonly wrong: string[];
  readonly left: string[];
}
export function killSpoolers(runs: number, options?: { log?: (line: string) => void }): Promise<Kills>;
