/** A queue of events by their time: a binary heap. Events of one time come in the order in which they were added. */
export function createEventQueue() {
  const heap = [];
  let added = 0;
  const isBefore = (a, b) => a.time < b.time || (a.time === b.time && a.order < b.order);

  return {
    get size() {
      return heap.length;
    },
    push(time, run) {
      const event = { time, run, order: added++ };
      let at = heap.length;
      heap.push(event);
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isBefore(event, heap[parent])) break;
        heap[at] = heap[parent];
        at = parent;
      }
      heap[at] = event;
    },
    /** Undefined: it is empty. */
    pop() {
      const first = heap[0];
      const last = heap.pop();
      if (heap.length === 0) return first;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
        if (!isBefore(heap[child], last)) break;
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = last;
      return first;
    },
  };
}
