/** Every difference between the clients that the program has found, and its reason: from which the table in src/tracing/from-langfuse.md is made. */
import { explainedValues } from './explained-values.js';

/** `ingestion` and `functions` are tailrace's: over the classic protocol, and in the functional style. */
export type ComparedClient = 'langfuse 3' | 'langfuse 5' | 'ingestion' | 'functions';

/** A row of the table; `found`: patterns of the paths at which a client differs from tailrace over OpenTelemetry. */
export interface Explained {
  readonly what: string;
  readonly langfuse3: string;
  readonly langfuse5: string;
  readonly tailrace: string;
  readonly why: string;
  readonly found: Partial<Record<ComparedClient, readonly string[]>>;
}

const explainedTraces: readonly Explained[] = [
  {
    what: 'ids that the program gives',
    langfuse3: 'any text, as it is',
    langfuse5: 'none: OpenTelemetry makes them',
    tailrace:
      '32 or 16 hexadecimal digits as they are, other text as its hash; in the functional style of observations alone',
    why: 'OTLP has 16 and 8 bytes for them',
    found: {
      'langfuse 3': ['traces/ticket-4711/id', 'traces/ticket-4711/observations/*/id'],
      'langfuse 5': [
        'traces/*/id',
        'traces/*/observations/*/id',
        'cannot/give {a trace,an observation} its id',
      ],
      functions: ['traces/*/id', 'cannot/give a trace its id'],
    },
  },
  {
    what: 'a span for the trace itself',
    langfuse3: 'none',
    langfuse5: 'the first observation is the root',
    tailrace:
      '`trace()` makes one, which the local receiver shows as the trace; without `trace()` as langfuse 5',
    why: 'over OTLP a trace is known by its spans',
    found: {
      'langfuse 5': [
        'traces/*/observations/root of *',
        'traces/*/observations/*/parentObservationId',
        'traces/{odd,text-metadata}/latency',
      ],
      functions: [
        'traces/*/observations/root of *',
        'traces/*/observations/*/parentObservationId',
        'traces/{odd,text-metadata}/latency',
      ],
    },
  },
  {
    what: 'a trace without a name',
    langfuse3: 'has none',
    langfuse5: 'is named after its root',
    tailrace: "`trace`; with `protocol: 'ingestion'` none; without `trace()` as langfuse 5",
    why: 'a span has a name',
    found: {
      'langfuse 3': ['traces/bare/name'],
      'langfuse 5': ['traces/bare/name'],
      ingestion: ['traces/bare/name'],
      functions: ['traces/bare/name'],
    },
  },
  {
    what: 'observation types other than span, generation, event',
    langfuse3: 'missing: it has spans and generations',
    langfuse5: 'all ten',
    tailrace: 'all ten',
    why: 'they are newer than langfuse 3',
    found: { 'langfuse 3': ['traces/order/observations/*/type', 'cannot/observations of type *'] },
  },
  {
    what: 'version of an observation that has none',
    langfuse3: 'none',
    langfuse5: 'the one that was propagated when it began',
    tailrace: 'the version of its trace at the time of writing',
    why: "over OTLP one attribute is the version of both, and a span without it takes the trace's away on Langfuse 3",
    found: {
      'langfuse 3': ['traces/order/observations/*/version'],
      'langfuse 5': ['traces/order/observations/desk-agent/version'],
    },
  },
  {
    what: 'a new version of a trace whose root got another version from `propagateAttributes`',
    langfuse3: 'has no such call',
    langfuse5: 'Langfuse 3 shows the version of the span that began last',
    tailrace: "Langfuse 3 shows the new one, Langfuse 4 the root's",
    why: 'the root keeps its own version in the same attribute',
    found: { functions: ['complaints/trace-views-differ · order · version'] },
  },
  {
    what: 'environment of an observation that has none',
    langfuse3: "the client's",
    langfuse5: "its trace's",
    tailrace: "its trace's",
    why: 'langfuse 3 does not remember the trace',
    found: { 'langfuse 3': ['traces/complaint/observations/*/environment'] },
  },
  {
    what: 'release of one trace',
    langfuse3: "the client's again with the next update",
    langfuse5: "not possible: the client's",
    tailrace: 'stays',
    why: 'langfuse 3 sends its default with each update',
    found: { 'langfuse 3': ['traces/complaint/release'], 'langfuse 5': ['traces/complaint/release'] },
  },
  {
    what: 'a field that is null in an update',
    langfuse3: 'takes the value away',
    langfuse5: 'says nothing',
    tailrace: 'says nothing',
    why: 'OTLP has no null',
    found: { 'langfuse 3': ['traces/complaint/userId', 'scores/score-5/trace/userId'] },
  },
  {
    what: 'an update that leaves out `public`',
    langfuse3: 'makes the trace private',
    langfuse5: 'a span that begins later makes it private on Langfuse 3',
    tailrace: 'leaves it public',
    why: 'Langfuse 3 takes a missing value for false; tailrace repeats the last value',
    found: {
      'langfuse 3': ['traces/order/public'],
      'langfuse 5': ['traces/order/public', 'complaints/trace-views-differ · order · public'],
    },
  },
  {
    what: '`public: false` after true, tags replaced by others',
    langfuse3: 'private; tags are added',
    langfuse5: 'cannot make it private; Langfuse 3 adds tags',
    tailrace:
      'private on Langfuse 3, public on Langfuse 4; tags are added on Langfuse 3, replaced on Langfuse 4',
    why: 'the two server versions build different traces from the same spans',
    found: {
      'langfuse 3': ['complaints/trace-views-differ · {order · tags,complaint · public}'],
      'langfuse 5': ['cannot/make a trace private again', 'complaints/trace-views-differ · order · tags'],
      ingestion: ['complaints/trace-views-differ · {order · tags,complaint · public}'],
    },
  },
  {
    what: 'name, user, version of a trace, set again',
    langfuse3: 'the last value stands',
    langfuse5: 'on Langfuse 3 the value of the span that began last stands',
    tailrace: 'the last value stands',
    why: 'langfuse 5 sets them on the root alone, which began first; tailrace sends an update after the spans',
    found: {
      'langfuse 5': [
        'traces/order/{name,version,userId}',
        'scores/*/trace/userId',
        'complaints/trace-views-differ · order · {name,userId,version}',
      ],
    },
  },
  {
    what: 'a trace or an observation that is updated after its end',
    langfuse3: 'is updated',
    langfuse5: 'stays as it is',
    tailrace: 'is updated',
    why: "OpenTelemetry's spans accept nothing after their end; tailrace sends them again",
    found: {
      'langfuse 5': [
        'cannot/update {a trace whose root,an observation that} has ended',
        'traces/complaint/observations/inner/{level,output}',
        'traces/order/{sessionId,metadata/channel,metadata/solved}',
        'traces/order/observations/desk-agent/metadata/reviewed',
        'scores/*/trace/sessionId',
        'sessions/session-{1/traces,1/environment,2}',
        'traces/clock/observations/by-the-clock/output',
      ],
    },
  },
  {
    what: 'an observation that is never ended',
    langfuse3: 'is stored without an end',
    langfuse5: 'is never sent',
    tailrace: 'ends with the client, as WARNING, with a message',
    why: 'tailrace loses nothing that was traced',
    found: {
      'langfuse 3': [
        'traces/complaint/latency',
        'traces/complaint/observations/unended/{endTime,level,statusMessage,latency}',
      ],
      'langfuse 5': ['traces/complaint/latency', 'traces/complaint/observations/unended'],
    },
  },
  {
    what: 'input and output of a trace that was not made by `trace()`',
    langfuse3: 'none',
    langfuse5: "its root's",
    tailrace: "its root's",
    why: 'langfuse 3 gives such a trace a name and nothing else',
    found: { 'langfuse 3': ['traces/trace of job-part/{input,output}'] },
  },
  {
    what: 'environment of scores',
    langfuse3: "the client's",
    langfuse5: "`LANGFUSE_TRACING_ENVIRONMENT`, never the option's",
    tailrace: "the client's",
    why: 'the score client does not know the span processor',
    found: { 'langfuse 5': ['scores/*/environment'] },
  },
  {
    what: 'a score of true or false',
    langfuse3: 'is refused',
    langfuse5: 'is refused',
    tailrace: 'BOOLEAN, 1 or 0',
    why: 'a server accepts numbers and texts',
    found: {
      'langfuse 3': [
        'scores/score-4',
        'traces/order/scores',
        'complaints/score-invalid · order · body.value',
      ],
      'langfuse 5': [
        'scores/score-4',
        'traces/order/scores',
        'complaints/score-invalid · order · body.value',
      ],
    },
  },
];

export const explained: readonly Explained[] = [...explainedTraces, ...explainedValues];

/** Complaints of what the program asks of any client: of spans a server makes something else, or two things. */
export const OWN_COMPLAINTS = [
  'model-parameter-as-text · order · plan · langfuse.observation.model.parameters.stop',
  'model-parameter-as-text · order · plan · langfuse.observation.model.parameters.stream',
  'trace-views-differ · complaint · public',
  'trace-views-differ · order · tags',
];

/** As it stands in src/tracing/from-langfuse.md. */
export function markdownTable(): string {
  const rows = explained.map((row) => [row.what, row.langfuse3, row.langfuse5, row.tailrace, row.why]);
  return [['what', 'langfuse 3', 'langfuse 5', 'tailrace', 'why'], Array(5).fill('---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
