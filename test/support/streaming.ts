/** Spans of a client whose exporter adds them to a stream, and what the client says. */
import type { Tailrace } from 'tailrace';

/** `span FROM` … */
export function trace(client: Tailrace, from: number, to: number): void {
  for (let i = from; i < to; i++) client.span({ name: `span ${i}` }).end();
}

export const namesUpTo = (count: number): string[] => Array.from({ length: count }, (_, i) => `span ${i}`);

export const sortedBy = (names: Iterable<string>): string[] =>
  [...names].sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)));

/** Resolves with the first message that says so. */
export function told(client: Tailrace, text: string): Promise<string> {
  return new Promise((resolve) => {
    for (const kind of ['error', 'warning'] as const) {
      client.on(kind, (message: string) => message.includes(text) && resolve(message));
    }
  });
}
