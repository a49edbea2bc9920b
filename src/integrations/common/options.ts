/** Takes an integration's options apart. They come from the application: a getter may throw, and a revoked proxy throws at any use. */

export interface SplitOptions<Own, Others> {
  /** Those of the integration, each read once. One that cannot be read counts as missing. */
  readonly own: Own;
  /**
   * All others, for a client. One that cannot be read throws again when the client reads it, and if no name can be read, these are the
   * given options: the client then says so, and hides what an option may have meant to hide.
   */
  readonly others: Others;
  /** What was thrown by those of the integration. */
  readonly errors: readonly unknown[];
}

export function splitOff<O extends object, K extends keyof O & string>(
  options: O,
  names: readonly K[],
): SplitOptions<Partial<Pick<O, K>>, Omit<O, K>> {
  const own: Partial<Pick<O, K>> = {};
  const keys = keysOf(options);
  if (keys === undefined) return { own, others: options, errors: [] };
  const errors: unknown[] = [];
  for (const name of names) {
    try {
      own[name] = options[name];
    } catch (error) {
      errors.push(error);
    }
  }
  const others = {};
  for (const key of keys) if (!names.includes(key as K)) copyOption(others, options, key);
  return { own, others: others as Omit<O, K>, errors };
}

function keysOf(options: object): readonly string[] | undefined {
  try {
    return Object.keys(options);
  } catch {
    return undefined;
  }
}

function copyOption(target: object, source: object, key: string): void {
  const property: PropertyDescriptor = { enumerable: true };
  try {
    property.value = (source as Record<string, unknown>)[key];
  } catch (error) {
    property.get = () => {
      throw error;
    };
  }
  Object.defineProperty(target, key, property);
}

/** Whether any option was given. One that cannot be read was. */
export function isAnyGiven(options: object): boolean {
  try {
    return Object.values(options).some((value) => value !== undefined);
  } catch {
    return true;
  }
}
