/** The harness alone: makes each event and drops it. What the others cost is what they cost above this. */
let kept;

export const subject = {
  label: 'nothing (the harness)',
  kind: 'baseline',
  delivers: false,
  load: async () => () => ({
    openTrace() {},
    record(_trace, name, input, output) {
      // Kept, or the optimiser would not make the objects at all.
      kept = [name, input, output];
    },
    closeTrace() {},
    flush: async () => {},
    shutdown: async () => kept,
  }),
};
