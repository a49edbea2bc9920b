/** A stream as the SDKs of model providers return it: iterable once, with an abort controller, `tee()` and a web stream. */

export interface Thread {
  readonly controller: AbortController;
  [Symbol.asyncIterator](): AsyncIterator<{ delta: string }>;
  tee(): [Thread, Thread];
  toReadableStream(): ReadableStream;
}

export function createThread(deltas: readonly string[]): Thread {
  const controller = new AbortController();
  return new IteratedThread(() => iterate(deltas, controller), controller);
}

async function* iterate(
  deltas: readonly string[],
  controller: AbortController,
): AsyncGenerator<{ delta: string }> {
  let isDone = false;
  try {
    for (const delta of deltas) yield { delta };
    isDone = true;
  } finally {
    if (!isDone) controller.abort();
  }
}

class IteratedThread implements Thread {
  readonly #iterator: () => AsyncIterator<{ delta: string }>;
  readonly controller: AbortController;

  constructor(iterator: () => AsyncIterator<{ delta: string }>, controller: AbortController) {
    this.#iterator = iterator;
    this.controller = controller;
  }

  [Symbol.asyncIterator](): AsyncIterator<{ delta: string }> {
    return this.#iterator();
  }

  tee(): [Thread, Thread] {
    const iterator = this.#iterator();
    const queues: Promise<IteratorResult<{ delta: string }>>[][] = [[], []];
    const branch = (own: number): Thread =>
      new IteratedThread(
        () => ({
          next: () => {
            if (queues[own]?.length === 0) {
              const result = iterator.next();
              for (const queue of queues) queue.push(result);
            }
            return queues[own]?.shift() as Promise<IteratorResult<{ delta: string }>>;
          },
        }),
        this.controller,
      );
    return [branch(0), branch(1)];
  }

  toReadableStream(): ReadableStream {
    let iterator: AsyncIterator<{ delta: string }>;
    return new ReadableStream({
      start: () => {
        iterator = this[Symbol.asyncIterator]();
      },
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(bytesOf(JSON.stringify(value)));
      },
      async cancel() {
        await iterator.return?.();
      },
    });
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
