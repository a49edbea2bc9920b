/** A button that has the server trace its sample agent: the traces come as all others do. */

import { useState } from 'preact/hooks';
import { sendJson } from '../server/api.js';
import { Problem } from '../ui/problem.js';
import { load } from './list-state.js';

export function SampleButton() {
  const [isLoading, setLoading] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const loadSample = async () => {
    setLoading(true);
    try {
      await sendJson('POST', 'sample');
      await load();
    } catch (error) {
      setProblem((error as Error).message);
      setLoading(false);
    }
  };
  return (
    <>
      <button type="button" class="button primary" disabled={isLoading} onClick={loadSample}>
        {isLoading ? 'Loading…' : 'Load the sample'}
      </button>
      <Problem text={problem} />
    </>
  );
}
