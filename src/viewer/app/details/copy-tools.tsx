/** Buttons that copy the whole of what is selected: as a request to the model, and as a test case. */

import type { ObservationDetail, Payloads, PayloadView } from '../../data/details.js';
import { getJson } from '../server/api.js';
import { Copy } from '../ui/copy.js';
import { chatItems } from './chat.js';
import { curlOf } from './curl.js';
import { valueOfPayload } from './payload-values.js';
import { testCaseOf } from './test-case.js';

interface CopyToolsProps {
  /** The path of the payloads; they are read again if what is shown is cut. */
  path: string;
  data: Payloads;
  traceId: string;
  /** Null: the trace itself. */
  observationId: string | null;
  /** Of a generation. */
  model?: string | null;
}

export function CopyTools({ path, data, traceId, observationId, model }: CopyToolsProps) {
  const isCut = [data.input, data.output, data.metadata].some(isBeginning);
  const whole = async () => (isCut ? await getJson<Payloads>(path, 'all=true') : data);
  const isChat =
    model !== undefined &&
    (isBeginning(data.input) || chatItems(valueOfPayload(textOf(data.input))) !== null);
  const curl = async () => {
    const { input } = await whole();
    const parameters = (data as ObservationDetail).modelParameters ?? null;
    const command = curlOf({ model: model ?? null, parameters, input: valueOfPayload(textOf(input)) });
    if (command === null) throw new Error('the input is no chat');
    return command;
  };
  const testCase = async () => {
    const { input, output, metadata } = await whole();
    const texts = { input: textOf(input), output: textOf(output), metadata: textOf(metadata) };
    return testCaseOf(texts, traceId, observationId);
  };
  return (
    <>
      {isChat && (
        <Copy text={curl} label="Copy the request as a curl command" class="button">
          curl
        </Copy>
      )}
      <Copy text={testCase} label="Copy as a test case: an item of a Langfuse dataset" class="button">
        Test case
      </Copy>
    </>
  );
}

function isBeginning(payload: PayloadView | null): boolean {
  return payload !== null && payload.text.length < payload.length;
}

function textOf(payload: PayloadView | null): string | null {
  return payload?.text ?? null;
}
