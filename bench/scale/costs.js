/** Turns what was measured into costs by rate and size: each is a fixed part and one for each event, byte or second. */
import { fitLine, onLine } from '../harness/line-fit.js';

const REFERENCE = '2KB-english';

export function createCosts({ clients, stream, store }) {
  const find = (exporter, workload, compression, variant) =>
    clients.find(
      (one) =>
        one.exporter === exporter &&
        one.workload === workload &&
        one.compression === compression &&
        one.variant === variant,
    );
  const nothing = (workload, variant) => find('nothing', workload, undefined, variant);

  /** Above a client that makes each event and drops it. */
  function net(exporter, workload, compression, variant) {
    const one = find(exporter, workload, compression, variant);
    if (one === undefined) return undefined;
    const floor = nothing(workload, variant === 'slow' ? 'slow' : undefined);
    return {
      ...one,
      process: one.processMicros - floor.processMicros,
      main: one.mainMicros - floor.mainMicros,
    };
  }

  const { perBatch, perSecond } = sharedParts(net);
  const idle = idlePart(nothing(REFERENCE), nothing(REFERENCE, 'slow'));
  const figures = ['addMicros', 'takeMicros', 'forwardMicros', 'rowsMicros', 'memoryBytes'];
  const lines = Object.fromEntries(
    figures
      .filter((figure) => figure in stream.sizes[0])
      .map((figure) => [
        figure,
        fitLine(stream.sizes.map((size) => ({ x: size.bodyBytes, y: size[figure] }))),
      ]),
  );

  return {
    perBatch,
    perSecond,
    lines,
    look: stream.look,
    store,
    /** Bytes of an event in a body. */
    bytesOf: (exporter, workload, compression) => find(exporter, workload, compression)?.bytesPerEvent,
    /** CPU in µs for an event, of a client that makes so many a second in batches of so many. */
    client(exporter, workload, compression, eventsPerSecond, eventsPerBatch) {
      const measured = net(exporter, workload, compression);
      if (measured === undefined) return undefined;
      const others = measured.process - perBatch / measured.eventsPerRequest - perSecond / measured.perSecond;
      const process = Math.max(0, others) + perBatch / eventsPerBatch + perSecond / eventsPerSecond;
      return { main: measured.main, process, others: Math.max(0, process - measured.main) };
    },
    /** CPU in µs for an event, of a program that makes events and drops them: for the check alone. */
    program: (workload, eventsPerSecond) =>
      nothing(workload).processMicros + idle * (1 / eventsPerSecond - 1 / nothing(workload).perSecond),
    /** µs, or bytes, for an entry with a body of so many bytes. Undefined: not measured. */
    entry: (figure, bodyBytes) => lines[figure] && onLine(lines[figure], bodyBytes),
    /** MiB of a process, above that of one without a client. */
    clientMemory: (workload, compression) =>
      find('redis', workload, compression).rssMiB - nothing(workload).rssMiB,
  };
}

/** Of a client with the redis exporter, from three runs that differ in one thing each. */
function sharedParts(net) {
  const [usual, small, slow] = [undefined, 'small batches', 'slow'].map((variant) =>
    net('redis', REFERENCE, 'gzip', variant),
  );
  const atLeastZero = (value) => Math.max(0, value);
  const perBatch = atLeastZero(
    (small.process - usual.process) / (1 / small.eventsPerRequest - 1 / usual.eventsPerRequest),
  );
  const moreOfBatches = perBatch * (1 / slow.eventsPerRequest - 1 / usual.eventsPerRequest);
  const perSecond = atLeastZero(
    (slow.process - usual.process - moreOfBatches) / (1 / slow.perSecond - 1 / usual.perSecond),
  );
  return { perBatch, perSecond };
}

/** What a second costs a program that makes events by a timer, in µs. */
function idlePart(usual, slow) {
  return Math.max(0, (slow.processMicros - usual.processMicros) / (1 / slow.perSecond - 1 / usual.perSecond));
}
