/** Differences in what is inside of inputs, outputs, metadata and model parameters. */
import type { Explained } from './explained.js';

const ODD = 'traces/odd/observations/value: ';

export const explainedValues: readonly Explained[] = [
  {
    what: 'metadata of several updates, with objects inside',
    langfuse3: 'merged deeply',
    langfuse5: 'merged by key: a new inner object replaces the old one',
    tailrace: 'merged deeply',
    why: 'a server merges events; langfuse 5 replaces the attribute of a span',
    found: {
      'langfuse 5': [
        'traces/order/metadata/{shop/hours/from,shop/country,steps}',
        'traces/order/observations/{desk-agent/metadata/limits/budget,search/metadata/index/name}',
      ],
    },
  },
  {
    what: 'metadata of a trace that are not texts by key',
    langfuse3: 'is stored',
    langfuse5: 'cannot be propagated; as metadata of its root, an object is stored, text is lost',
    tailrace: 'is stored',
    why: '`propagateAttributes` takes texts of 200 characters, as they may become headers',
    found: {
      'langfuse 5': [
        'cannot/metadata of a trace that is not texts by name',
        'traces/text-metadata/metadata/metadata',
        'complaints/metadata-dropped · text-metadata · root of text-metadata · langfuse.observation.metadata',
      ],
    },
  },
  {
    what: 'metadata that are no object',
    langfuse3: 'the server gives it the key `metadata`',
    langfuse5: 'a list by its indices, a number is lost',
    tailrace: 'the key `metadata`',
    why: 'as langfuse 3, but in the client: servers do it for one protocol only',
    found: {
      'langfuse 3': ['complaints/metadata-wrapped · **'],
      'langfuse 5': [
        'traces/text-metadata/observations/{list-metadata,number-metadata}/metadata/*',
        'complaints/metadata-{spread,dropped} · text-metadata · {list,number}-metadata · langfuse.observation.metadata',
      ],
      ingestion: ['traces/text-metadata/observations/{list-metadata,number-metadata}/metadata/metadata'],
    },
  },
  {
    what: 'null in metadata, and values that JSON writes as null',
    langfuse3: 'the text `null`',
    langfuse5: 'left out; NaN and invalid dates: the text `null`',
    tailrace: 'left out',
    why: 'Langfuse 3 turns it into the text `null`, Langfuse 4 into an empty text',
    found: {
      'langfuse 3': [
        `${ODD}{NaN,null}/metadata/value`,
        'traces/text-metadata/observations/text-in-metadata/metadata/nothing',
        'complaints/metadata-null · **',
      ],
      'langfuse 5': [`${ODD}{NaN,invalid date}/metadata/value`],
    },
  },
  {
    what: 'empty text in metadata',
    langfuse3: 'is stored',
    langfuse5: 'left out',
    tailrace: 'is stored',
    why: 'langfuse 5 treats it as missing',
    found: {
      'langfuse 5': [
        `${ODD}empty text/metadata/value`,
        'traces/text-metadata/observations/text-in-metadata/metadata/empty',
      ],
    },
  },
  {
    what: 'text in metadata that is JSON or a number',
    langfuse3: 'stays text',
    langfuse5: 'becomes its value',
    tailrace: "becomes its value; with `protocol: 'ingestion'` it stays text",
    why: 'a server parses the attributes of spans',
    found: {
      'langfuse 3': [
        `${ODD}{JSON in,number in} text/metadata/value`,
        'traces/text-metadata/observations/text-in-metadata/metadata/{json,number}',
      ],
      ingestion: [
        `${ODD}{JSON in,number in} text/metadata/value`,
        'traces/text-metadata/observations/text-in-metadata/metadata/{json,number}',
      ],
    },
  },
  {
    what: 'an input or output of 0 or false',
    langfuse3: 'is lost',
    langfuse5: 'is stored',
    tailrace: 'is stored',
    why: 'a server treats it as missing unless it comes as text',
    found: {
      'langfuse 3': [
        `${ODD}{zero,false}/input`,
        'complaints/payload-falsy · odd · value: {zero,false} · body.input',
      ],
    },
  },
  {
    what: 'model parameters that are neither text nor number',
    langfuse3: 'as they are',
    langfuse5: 'their JSON text',
    tailrace: "their JSON text, null left out; with `protocol: 'ingestion'` as they are",
    why: 'a server does this with the attributes of spans',
    found: {
      'langfuse 3': [
        'traces/order/observations/plan/modelParameters/*',
        'complaints/model-parameter-as-text · **',
      ],
      'langfuse 5': [
        'traces/order/observations/plan/modelParameters/seed',
        'complaints/model-parameter-as-text · order · plan · *.seed',
      ],
      ingestion: [
        'traces/order/observations/plan/modelParameters/*',
        'complaints/model-parameter-as-text · **',
      ],
    },
  },
  {
    what: 'Error, Map, Set, function, symbol in a value',
    langfuse3: '`{}`, or nothing',
    langfuse5: '`{}`, or nothing',
    tailrace: 'their content; of a function or symbol its name',
    why: 'JSON cannot express them; an empty object helps nobody',
    found: {
      'langfuse 3': [`${ODD}{error,map,set,function,symbol inside}/**`],
      'langfuse 5': [`${ODD}{error,map,set,function,symbol inside}/{input,output,metadata}**`],
    },
  },
  {
    what: 'bytes in a value',
    langfuse3: 'an object of indices',
    langfuse5: 'an object of indices',
    tailrace: "`{type: 'Buffer', data}`",
    why: 'as Node.js writes a Buffer',
    found: { 'langfuse 3': [`${ODD}bytes/**`], 'langfuse 5': [`${ODD}bytes/{input,output,metadata}/**`] },
  },
  {
    what: 'Date, and objects with `toJSON`',
    langfuse3: 'their own fields; a Date has none',
    langfuse5: 'their JSON',
    tailrace: 'their JSON',
    why: 'langfuse 3 copies objects to look for media',
    found: { 'langfuse 3': [`${ODD}{date,invalid date,toJSON}/**`] },
  },
  {
    what: 'big integers, circular references',
    langfuse3: 'the whole event is lost',
    langfuse5: '`<failed to serialize>` instead of the value',
    tailrace: 'the digits; `[Circular]` where the circle closes',
    why: '`JSON.stringify` throws',
    found: {
      'langfuse 3': [`${ODD}{big integer,circular}`],
      'langfuse 5': [`${ODD}{big integer,circular}/{input,output,metadata}**`],
    },
  },
  {
    what: 'half a character (a lone surrogate)',
    langfuse3: 'as it is, until a database replaces it',
    langfuse5: 'the same',
    tailrace: 'U+FFFD',
    why: 'it is not valid Unicode',
    found: {
      'langfuse 3': [`${ODD}half a character/{output,metadata}/value`, 'complaints/text-not-unicode · **'],
      'langfuse 5': [`${ODD}half a character/{output,metadata}/value`, 'complaints/text-not-unicode · **'],
    },
  },
];
