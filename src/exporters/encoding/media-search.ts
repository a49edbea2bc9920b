/** The searches for media in the bytes of an event (revision/media/detection), in WebAssembly. */
import {
  mayHoldMedia as searchInTurns,
  spanMayHoldMedia as searchSpanInTurns,
} from '../../revision/media/detection.js';
import { assembly } from './webassembly.js';

export function mayHoldMedia(event: Buffer): boolean {
  if (assembly === undefined || event !== assembly.loaded) return searchInTurns(event);
  return assembly.holdsMedia(assembly.record, assembly.record + event.byteLength) !== 0;
}

export function spanMayHoldMedia(event: Buffer): boolean {
  if (assembly === undefined || event !== assembly.loaded) return searchSpanInTurns(event);
  return assembly.spanHoldsMedia(assembly.record, assembly.record + event.byteLength) !== 0;
}
