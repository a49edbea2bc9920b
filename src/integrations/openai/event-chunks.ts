/** Collects the typed events of a streamed response, image or transcription: the last event holds the whole answer. */
import type { GenerationBody } from '../../index.js';
import { type Collector, MAX_CHARS } from './collector.js';
import { hideKeys } from './failure.js';
import { imageAsMedia, itemAsMedia } from './media.js';
import { type Fields, type RequestFields, textOf } from './request.js';
import { readResult, usageOf } from './result.js';

const MAX_ITEMS = 1000;

/** The last event of an answer. */
const LAST =
  /^(response\.(completed|incomplete|failed|cancelled)|image_\w+\.completed|transcript\.text\.done)$/;

export function createEventChunks(request: RequestFields): Collector {
  let text = '';
  const items: unknown[] = [];
  let response: Fields | undefined;
  let last: GenerationBody | undefined;
  let failure: GenerationBody | undefined;

  /** What has come of an answer that has not been completed. */
  function partialOutput(): unknown {
    if (items.length === 0) return text === '' ? undefined : text;
    return text === '' ? items : [...items, text];
  }

  return {
    get isComplete() {
      return last !== undefined;
    },
    get response() {
      return response;
    },
    add(event: Fields): boolean {
      const type = event.type as string;
      if (type.endsWith('.delta')) {
        const { delta } = event;
        if (isText(type) && typeof delta === 'string' && text.length < MAX_CHARS) text += delta;
        return true;
      }
      const { response: snapshot, item } = event;
      if (typeof snapshot === 'object' && snapshot !== null) response = snapshot as Fields;
      if (type === 'response.output_item.done' && items.length < MAX_ITEMS) {
        items.push(itemAsMedia(item));
        // The text of a message is part of its item.
        text = '';
      } else if (LAST.test(type)) last = lastFields(event, request);
      else if (type === 'error') failure = failureOf(event);
      return type.includes('partial_image');
    },
    fields(): GenerationBody {
      if (last !== undefined) return last;
      const soFar = response === undefined ? {} : readResult(response, request, true);
      return { ...soFar, output: partialOutput(), ...failure };
    },
  };
}

/** Not the arguments of a tool call, which come again with their item. */
function isText(type: string): boolean {
  return type === 'response.output_text.delta' || type === 'transcript.text.delta';
}

function lastFields(event: Fields, request: RequestFields): GenerationBody {
  const { response, text, output_format } = event;
  if (typeof response === 'object' && response !== null) return readResult(response, request, true);
  const { b64_json } = event;
  const output =
    b64_json === undefined ? (text ?? '') : [imageAsMedia({ b64_json: textOf(b64_json) }, output_format)];
  return { output, usageDetails: usageOf(event.usage) };
}

function failureOf({ code, message }: Fields): GenerationBody {
  const text = [textOf(code), textOf(message)].filter((part) => part !== undefined).join(': ');
  return { level: 'ERROR', statusMessage: hideKeys(text === '' ? 'failed' : text, undefined) };
}
