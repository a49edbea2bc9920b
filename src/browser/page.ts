/** What is used of a browser, typed structurally: the types of the DOM would be global, and so in all other code too. */

export interface PageStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface Page {
  readonly document: { readonly visibilityState: string };
  /** Reading it throws where storage is denied. Absent or null: there is none. */
  readonly localStorage?: PageStorage | null;
  /** Absent on pages that are not served securely. */
  readonly navigator?: {
    readonly locks?: {
      request(
        name: string,
        options: { ifAvailable: true },
        run: (lock: unknown) => Promise<void>,
      ): Promise<void>;
    };
  };
  addEventListener(
    type: 'online' | 'pagehide' | 'visibilitychange',
    listener: () => void,
    capture: true,
  ): void;
}

/** Undefined on a server and in a worker. */
export function page(): Page | undefined {
  return typeof (globalThis as Partial<Page>).document === 'object' ? (globalThis as never) : undefined;
}
