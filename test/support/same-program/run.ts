/** Runs the program with one client, against a receiver of its own, and reads everything back. */
import { type Complaint, startReceiver } from '../../../src/receiver/receiver.js';
import { createProgram } from './program.js';
import { clientOptions, type Ids, runSteps, type StartClient } from './steps.js';
import { readStored } from './stored.js';

/** Traces, scores and sessions as they are stored; what the client cannot do; what the receiver complains of. */
export type Outcome = Record<'traces' | 'scores' | 'sessions' | 'cannot' | 'complaints', object>;

export async function runProgram(start: StartClient): Promise<Outcome> {
  const receiver = await startReceiver({ port: 0 });
  try {
    const client = start(receiver.url, clientOptions);
    const program = createProgram();
    const cannot = await runSteps(client, program);
    // What it estimates comes after what it was sent.
    await receiver.usage();
    const stored = await readStored(receiver.url, client.ids(), program);
    const { complaints } = await receiver.complaints();
    const nameOf = namesOf(client.ids());
    return {
      ...stored,
      complaints: Object.fromEntries(complaints.map((one) => [pathOf(one, nameOf), one.message])),
      cannot: Object.fromEntries([...cannot].map((what) => [what, true])),
    };
  } finally {
    await receiver.close();
  }
}

function namesOf({ traces, observations }: Ids): (id: string | null) => string {
  const names = new Map([...traces, ...observations].map(([key, id]) => [id, key]));
  return (id) => (id === null ? '' : (names.get(id) ?? id));
}

function pathOf(
  { code, traceId, observationId, field }: Complaint,
  nameOf: ReturnType<typeof namesOf>,
): string {
  return [code, nameOf(traceId), nameOf(observationId), field].filter(Boolean).join(' · ');
}
