/** Writes the fields of a span in WebAssembly (encoding/assembly/observation-span). */

import { NIL } from '../../event/event-format.js';
import type { EventReader } from '../../event/event-reader.js';
import { hexAt } from '../../records/ids.js';
import { OBSERVATION_TYPES } from '../../records/vocabulary.js';
import type { ProtobufWriter } from '../encoding/protobuf-writer.js';
import { assembly, copyOutput, placeEach } from '../encoding/webassembly.js';
import { encodeKey } from '../otlp/attributes.js';
import {
  COMPLETION_START_TIME,
  COST_DETAILS,
  ENVIRONMENT,
  INPUT,
  LEVELS,
  METADATA,
  MODEL_NAME,
  MODEL_PARAMETERS,
  OUTPUT,
  PROMPT_NAME,
  PROMPT_VERSION,
  type SpanHead,
  STATUS_MESSAGE,
  TYPES,
  USAGE_DETAILS,
  VERSION,
} from './span-fields.js';

const SPAN_ID_BYTES = 8;
/** Room for a piece, with its length in one byte before it. */
const PIECE_BYTES = 128;

/** What the WebAssembly writes beside values, by index: attributes by type and by level, keys, names of spans without one. */
placePieces(0, TYPES);
placePieces(16, LEVELS);
placePieces(20, [
  VERSION,
  ENVIRONMENT,
  MODEL_NAME,
  MODEL_PARAMETERS,
  USAGE_DETAILS,
  COST_DETAILS,
  PROMPT_NAME,
  encodeKey(PROMPT_VERSION),
  INPUT,
  OUTPUT,
  METADATA.prefix,
  STATUS_MESSAGE,
  COMPLETION_START_TIME,
  ...['trace', ...OBSERVATION_TYPES].map((name) => Buffer.from(name)),
]);

function placePieces(index: number, pieces: readonly Uint8Array[]): void {
  if (assembly === undefined) return;
  placeEach(assembly.memory, assembly.pieces + index * PIECE_BYTES, PIECE_BYTES, pieces);
}

/** Returns undefined, and has written nothing, if JavaScript has to write them. */
export function writeFieldsByAssembly(writer: ProtobufWriter, reader: EventReader): SpanHead | undefined {
  const { bytes } = reader;
  if (assembly === undefined || bytes !== assembly.loaded) return undefined;
  const { record, output, outputEnd, words, results } = assembly;
  const written = assembly.fields(record, record + bytes.byteLength, output, outputEnd);
  if (written === 0) return undefined;
  copyOutput(writer, written);
  reader.position = (words[results] as number) - record;
  const idAt = (words[results + 1] as number) - record;
  const metadataAt = (words[results + 2] as number) - record;
  return {
    id: hexAt(bytes, { start: idAt, end: idAt + SPAN_ID_BYTES }),
    isTrace: words[results + 3] !== 0,
    hasParent: words[results + 4] !== 0,
    metadata: bytes[metadataAt] === NIL ? null : bytes.subarray(metadataAt, reader.position),
  };
}
