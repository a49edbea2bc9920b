/** What each section shows, in which order, and how it is called. Shared by the terminal and the page. */

const column = (figure, title, digits = 1) => ({ figure, title, digits });
/** The same figure as a multiple of tailrace's in the same rounds. */
const ratio = (figure, title) => ({ figure, title, digits: 1, ratio: true });

export const SECTIONS = {
  paced: {
    title: 'At a steady pace',
    columns: [
      column('enqueueP50Micros', 'call p50 µs'),
      column('enqueueP99Micros', 'p99 µs'),
      column('enqueueP999Micros', 'p99.9 µs', 0),
      column('mainActiveMicros', 'main thread µs/event'),
      column('mainNetMicros', 'net of harness'),
      ratio('mainNetMicros', '× tailrace'),
      column('mainCpuNetMicros', 'main CPU net'),
      column('processCpuNetMicros', 'process CPU net'),
      column('loopDelayP99Ms', 'loop delay p99 ms'),
      column('loopDelayMaxMs', 'max ms'),
      column('peakRssMiB', 'peak MiB', 0),
      column('wireBytesPerEvent', 'wire B/event', 0),
      column('offered', 'offered', 0),
      column('accepted', 'accepted', 0),
      column('delivered', 'delivered', 0),
      column('lost', 'lost', 0),
    ],
  },
  saturating: {
    title: 'As fast as the thread can',
    columns: [
      column('enqueueP50Micros', 'call p50 µs'),
      column('enqueueP99Micros', 'p99 µs'),
      column('mainNetMicros', 'main thread net µs/event'),
      ratio('mainNetMicros', '× tailrace'),
      column('loopDelayMaxMs', 'loop delay max ms'),
      column('offeredPerSecond', 'offered/s', 0),
      column('deliveredPerSecond', 'delivered/s', 0),
      column('peakRssMiB', 'peak MiB', 0),
      column('offered', 'offered', 0),
      column('accepted', 'accepted', 0),
      column('delivered', 'delivered', 0),
      column('lost', 'lost', 0),
    ],
  },
  rate: {
    title: 'Highest rate without loss',
    columns: [column('sustainedPerSecond', 'events/s', 0), ratio('sustainedPerSecond', '× tailrace')],
  },
  burst: {
    title: 'A burst in one tick',
    columns: [
      column('tickMs', 'tick ms', 0),
      ratio('tickMs', '× tailrace'),
      column('offered', 'offered', 0),
      column('accepted', 'accepted', 0),
      column('delivered', 'delivered', 0),
      column('lost', 'lost', 0),
      column('wholeUpTo', 'first lost', 0),
      column('deliveredAfterMs', 'last delivered after ms', 0),
      column('peakRssMiB', 'peak MiB', 0),
    ],
  },
  flush: {
    title: 'One event and a flush',
    columns: [
      column('flushP50Ms', 'p50 ms', 2),
      column('flushP99Ms', 'p99 ms', 2),
      column('undiciPostP50Ms', 'bare POST (undici) ms', 2),
      column('fetchPostP50Ms', 'bare POST (fetch) ms', 2),
      column('flushPerUndiciPost', '× undici', 2),
      column('flushPerFetchPost', '× fetch', 2),
      column('offered', 'offered', 0),
      column('deliveredWhenFlushed', 'delivered when flush() resolved', 0),
    ],
  },
  startup: {
    title: 'Start-up',
    columns: [
      column('importMs', 'import ms'),
      column('constructMs', 'constructor ms'),
      column('firstEventMs', 'first event ms'),
      column('firstDeliveryMs', 'constructor to first delivery ms'),
      column('bootActiveMs', 'of that on the main thread ms'),
      column('bootLoopDelayMaxMs', 'loop delay max ms'),
    ],
  },
  rest: {
    title: 'At rest',
    columns: [
      column('rssMiB', 'RSS MiB'),
      column('addedRssMiB', 'added by the client MiB'),
      column('idleCpuMicrosPerSecond', 'idle CPU µs/s', 0),
    ],
  },
};

/** A figure as text; empty where the subject has none. */
export function cellText(subject, { figure, digits, ratio: isRatio }) {
  const value = isRatio ? subject.ratioToTailrace[figure] : subject.median[figure];
  return Number.isFinite(value) ? withThousands(value.toFixed(digits)) : '';
}

export function withThousands(text) {
  const [whole, fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** What stands beside a table: `recorded text, gzip makes it 4.5 times smaller`. */
export function describeText({ text, compression }) {
  return `${text} text, gzip makes it ${compression.toFixed(1)} times smaller`;
}
