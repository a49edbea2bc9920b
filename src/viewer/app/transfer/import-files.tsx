/** Imports files that are chosen or dropped on the page, one after the other, and says what became of them. */

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ImportSummary } from '../../data/transfer.js';
import { sendFile } from '../server/api.js';
import { plural } from '../ui/format.js';
import { Icon } from '../ui/icons.js';

interface Result {
  name: string;
  text: string;
  problems: string[];
}

const results = signal<readonly Result[]>([]);
const running = signal('');
const isOver = signal(false);
const MAX_SHOWN = 5;

async function importFiles(files: readonly File[]): Promise<void> {
  if (running.value !== '' || files.length === 0) return;
  results.value = [];
  for (const file of files) {
    running.value = file.name;
    results.value = [...results.value, await importFile(file)];
  }
  running.value = '';
}

async function importFile(file: File): Promise<Result> {
  try {
    const summary = await sendFile<ImportSummary>('import', file);
    const { traces, observations, scores, comments, refused, refusedCount } = summary;
    const counts = [plural(traces, 'trace'), plural(observations, 'observation'), plural(scores, 'score')];
    if (comments > 0) counts.push(plural(comments, 'comment'));
    const problems = refused.slice(0, MAX_SHOWN).map(({ line, problem }) => `Line ${line}: ${problem}`);
    if (refusedCount > problems.length) problems.push(`${refusedCount - problems.length} more`);
    return { name: file.name, text: `${counts.join(', ')} stored`, problems };
  } catch (error) {
    return { name: file.name, text: 'not imported', problems: [(error as Error).message] };
  }
}

export function ImportButton() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class="button"
        title="Import files: exports of tailrace and Langfuse, OTLP JSON lines, conversations"
        disabled={running.value !== ''}
        onClick={() => input.current?.click()}
      >
        <Icon name="upload" /> Import
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to import"
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // The same file can be chosen again.
          currentTarget.value = '';
          void importFiles(files);
        }}
      />
    </>
  );
}

/** Takes files that are dropped anywhere, and shows what became of them. */
export function ImportResults() {
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      isOver.value = true;
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) isOver.value = false;
    };
    const onDrop = (event: DragEvent) => {
      isOver.value = false;
      if (!hasFiles(event)) return;
      event.preventDefault();
      void importFiles([...(event.dataTransfer?.files ?? [])]);
    };
    document.addEventListener('dragover', onOver);
    document.addEventListener('dragleave', onLeave);
    document.addEventListener('drop', onDrop);
    return () => {
      document.removeEventListener('dragover', onOver);
      document.removeEventListener('dragleave', onLeave);
      document.removeEventListener('drop', onDrop);
    };
  }, []);
  return (
    <>
      {isOver.value && <p class="drop-here">Drop the files to import them</p>}
      <div role="status" class="import-results">
        {running.value !== '' && <p class="notice">Importing {running.value} …</p>}
        {results.value.map(({ name, text, problems }) => (
          <div key={name} class={`notice ${problems.length > 0 ? 'problem' : ''}`}>
            {name}: {text}.
            {problems.length > 0 && (
              <ul>
                {problems.map((problem) => (
                  <li key={problem}>{problem}</li>
                ))}
              </ul>
            )}
            <button
              type="button"
              class="link-button"
              onClick={() => {
                results.value = results.value.filter((one) => one.name !== name);
              }}
            >
              Dismiss
            </button>
          </div>
        ))}
      </div>
    </>
  );
}
