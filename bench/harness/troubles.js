/** What goes wrong inside a subject, counted by message: part of the result, never a reason to stop measuring. */

/** Messages may carry whole requests. */
const MAX_LENGTH = 160;

export function createTroubles() {
  const counts = new Map();
  const add = (error) => {
    const text = String(error?.message ?? error)
      .split('\n')[0]
      .slice(0, MAX_LENGTH);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  };
  process.on('unhandledRejection', (error) => add(`unhandled rejection: ${error?.message ?? error}`));
  process.on('uncaughtException', (error) => add(`uncaught exception: ${error?.message ?? error}`));
  return {
    list: () => Array.from(counts, ([message, count]) => ({ message, count })),
    /** The promise's value, or undefined when it rejects or does not settle in time. */
    async within(deadlineMs, what, promise) {
      let timer;
      const deadline = new Promise((resolve) => {
        timer = setTimeout(() => {
          add(`${what} took longer than ${deadlineMs} ms`);
          resolve(undefined);
        }, deadlineMs);
      });
      try {
        return await Promise.race([promise, deadline]);
      } catch (error) {
        add(`${what} rejected: ${error?.message ?? error}`);
        return undefined;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
