/** Base64 of OpenAI's answers as data URIs, in which the worker finds media: only the endpoint tells that it is base64 at all. */
import { type Fields, textOf } from './request.js';

/** Small texts are no media, and an answer may be masked. */
const isData = (value: unknown): value is string => typeof value === 'string' && value.length > 0;

function dataUri(type: string, base64: string): string {
  return base64.startsWith('data:') ? base64 : `data:${type};base64,${base64}`;
}

/** The audio of a message of a chat. */
export function audioAsMedia(message: unknown, format = 'wav'): unknown {
  const audio = (message as Fields | null)?.audio as Fields | null | undefined;
  if (!isData(audio?.data)) return message;
  return { ...(message as Fields), audio: { ...audio, data: dataUri(audioType(format), audio.data) } };
}

export function audioType(format: string): string {
  return format === 'mp3' ? 'audio/mpeg' : format === 'pcm16' ? 'audio/pcm' : `audio/${format}`;
}

/** The images of the images endpoints. */
export function imagesAsMedia(answer: Fields, images: readonly unknown[]): unknown {
  return images.map((image) => imageAsMedia(image, answer.output_format));
}

export function imageAsMedia(image: unknown, format: unknown): unknown {
  const base64 = (image as Fields | null)?.b64_json;
  if (!isData(base64)) return image;
  return { ...(image as Fields), b64_json: dataUri(imageType(format), base64) };
}

/** An item of a response: an image that a built-in tool has made. */
export function itemAsMedia(item: unknown): unknown {
  const { type, result, output_format } = (item ?? {}) as Fields;
  if (type !== 'image_generation_call' || !isData(result)) return item;
  return { ...(item as Fields), result: dataUri(imageType(output_format), result) };
}

function imageType(format: unknown): string {
  return `image/${textOf(format) ?? 'png'}`;
}
