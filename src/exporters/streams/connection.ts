/** One connection that all who need it share: opened on first use, and again after it has broken. */

export interface SharedConnection<C> {
  /** Opens it once for all that wait for it. */
  use(): Promise<C>;
  /** Drops a broken connection. One that somebody has opened since stays. */
  drop(broken: Promise<C>): void;
  close(): void;
}

/** `onDrop`: what is known of the server may be true no more. */
export function shareConnection<C extends { destroy(): void }>(
  connect: () => Promise<C>,
  onDrop: () => void = () => {},
): SharedConnection<C> {
  let connection: Promise<C> | undefined;

  function drop(broken: Promise<C> | undefined): void {
    if (broken === undefined || connection !== broken) return;
    connection = undefined;
    onDrop();
    broken.then(
      (one) => one.destroy(),
      () => {},
    );
  }

  return {
    use() {
      connection ??= connect();
      return connection;
    },
    drop,
    close: () => drop(connection),
  };
}
