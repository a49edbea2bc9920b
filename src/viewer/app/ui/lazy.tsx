/** A part of the page that is loaded when it is shown first: the list of traces does not wait for the other pages. */

import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export function lazy<Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
): FunctionComponent<Props> {
  let loaded: FunctionComponent<Props> | undefined;
  return (props: Props) => {
    const [state, setState] = useState(loaded === undefined ? 'loading' : 'loaded');
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (component) => {
          loaded = component;
          setState('loaded');
        },
        () => setState('failed'),
      );
    }, []);
    const Loaded = loaded;
    if (state === 'loaded' && Loaded !== undefined) return <Loaded {...props} />;
    return (
      <main class="not-found">
        {state === 'failed' ? (
          <p role="alert">The server has another version of this page: load it again.</p>
        ) : (
          <p class="muted">Loading…</p>
        )}
      </main>
    );
  };
}
