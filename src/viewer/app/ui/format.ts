/** Numbers and times for people, in the browser's language and time zone. Unknown values are a dash. */

const UNKNOWN = '–';

const plain = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const precise = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 });
const significant = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const scientific = new Intl.NumberFormat(undefined, { notation: 'scientific', maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const cents = new Intl.NumberFormat(undefined, {
  style: 'currency',
  currency: 'USD',
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const fractions = new Intl.NumberFormat(undefined, {
  style: 'currency',
  currency: 'USD',
  minimumFractionDigits: 2,
  maximumFractionDigits: 6,
});
const significantDollars = new Intl.NumberFormat(undefined, {
  style: 'currency',
  currency: 'USD',
  maximumSignificantDigits: 2,
});
const scientificDollars = new Intl.NumberFormat(undefined, {
  style: 'currency',
  currency: 'USD',
  notation: 'scientific',
  minimumFractionDigits: 0,
  maximumFractionDigits: 2,
});
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
const minute = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

/** Figures with all their digits would take more than a line. */
const HUGE = 1e16;
/** Zeros before the digits that count would. */
const TINY = 1e-12;

const isExtreme = (value: number) => Math.abs(value) >= HUGE || (value !== 0 && Math.abs(value) < TINY);

const [DAY_S, DAY_US] = [86_400, 86_400_000_000];

export function duration(micros: number | null): string {
  if (micros === null) return UNKNOWN;
  if (micros < 0) return `-${duration(-micros)}`;
  // Means have fractions.
  const whole = Math.round(micros);
  if (whole < 1_000) return `${whole} µs`;
  if (micros < 10_000) return `${fixed(micros / 1_000, 1)} ms`;
  if (micros < 1_000_000) return `${fixed(micros / 1_000, 0)} ms`;
  if (micros < 60_000_000) return `${fixed(micros / 1_000_000, micros < 10_000_000 ? 2 : 1)} s`;
  const seconds = Math.round(micros / 1_000_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  if (seconds < 2 * DAY_S) {
    return `${Math.floor(seconds / 3_600)} h ${pad(Math.floor((seconds % 3_600) / 60))} min`;
  }
  return `${count(Math.floor(seconds / DAY_S))} d ${Math.floor((seconds % DAY_S) / 3_600)} h`;
}

function fixed(value: number, digits: number): string {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString(undefined, options);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

export function count(value: number | null): string {
  if (value === null) return UNKNOWN;
  return (Math.abs(value) >= HUGE ? scientific : plain).format(value);
}

export function shortCount(value: number): string {
  return value < 10_000 || value >= HUGE ? count(value) : compact.format(value);
}

export function cost(usd: number | null): string {
  if (usd === null) return UNKNOWN;
  return dollarsOf(usd).format(usd);
}

/** Embedding a few words costs less than a millionth. */
const MIN_FRACTION = 1e-5;

function dollarsOf(usd: number): Intl.NumberFormat {
  if (isExtreme(usd)) return scientificDollars;
  if (usd !== 0 && Math.abs(usd) < MIN_FRACTION) return significantDollars;
  return Math.abs(usd) < 1 ? fractions : cents;
}

/** Two figures that count: for lists, where all digits of a cost are noise. */
export function shortCost(usd: number | null): string {
  if (usd === null) return UNKNOWN;
  if (usd === 0) return cents.format(usd);
  if (Math.abs(usd) < MIN_FRACTION) return scientificDollars.format(Number(usd.toPrecision(2)));
  return cost(Math.abs(usd) >= 0.995 ? usd : Number(usd.toPrecision(2)));
}

/** The unit stays in English, as it is in the options of the command. */
export function mebibytes(bytes: number): string {
  const mib = bytes / 1024 / 1024;
  return `${mib.toLocaleString(undefined, { maximumFractionDigits: mib < 100 ? 1 : 0 })} MiB`;
}

export function scoreValue(value: number): string {
  if (isExtreme(value)) return scientific.format(value);
  return (Math.abs(value) < 0.01 ? significant : precise).format(value);
}

/** Some clients escape the ends of lines in a stack twice. A text that has real ones keeps both. */
export function readableLines(text: string): string {
  return text.includes('\n') ? text : text.replaceAll(/(?:\\r)?\\n/g, '\n');
}

/** A part of a whole, in percent. */
export function share(part: number): string {
  return percent.format(part);
}

export function plural(number: number, singular: string, pluralForm = `${singular}s`): string {
  return `${count(number)} ${number === 1 ? singular : pluralForm}`;
}

/** The time of day, with the day if it is not today; of other years the day alone. */
export function time(micros: number, now = new Date()): string {
  const date = dateOf(micros);
  if (date === undefined) return UNKNOWN;
  const isToday = date.toDateString() === now.toDateString();
  if (isToday) return clock.format(date);
  if (date.getFullYear() !== now.getFullYear()) return dayOfYear.format(date);
  return `${day.format(date)}, ${minute.format(date)}`;
}

/** For an axis over years, some days or some hours. */
export function axisTime(micros: number, rangeUs: number): string {
  const date = dateOf(micros);
  if (date === undefined) return UNKNOWN;
  if (rangeUs > 300 * DAY_US) return dayOfYear.format(date);
  if (rangeUs > 2 * DAY_US) return day.format(date);
  return rangeUs > 600_000_000 ? minute.format(date) : clock.format(date);
}

export function fullTime(micros: number): string {
  const date = dateOf(micros);
  return date === undefined ? UNKNOWN : full.format(date);
}

export function isoTime(micros: number): string | undefined {
  return dateOf(micros)?.toISOString();
}

function dateOf(micros: number): Date | undefined {
  const date = new Date(Math.floor(micros / 1_000));
  return Number.isNaN(date.getTime()) ? undefined : date;
}
