/** The form of a score: name, type, value, comment. Names and categories in use are suggested. */

import { useLayoutEffect, useState } from 'preact/hooks';
import { ANNOTATION_TYPES, type AnnotationType, type ScoreView } from '../../data/feedback.js';
import type { TraceState } from '../trace/trace-state.js';
import { giveScore, loadScoreNames, scoreNames } from './feedback-state.js';
import { FormButtons } from './form-buttons.js';

interface ScoreFormProps {
  state: TraceState;
  target: string | null;
  /** The one that is changed; null: a new one. */
  score: ScoreView | null;
  onDone(): void;
}

const TYPE_LABELS: Record<AnnotationType, string> = {
  NUMERIC: 'number',
  CATEGORICAL: 'category',
  BOOLEAN: 'true or false',
  TEXT: 'text',
};
const MAX_TEXT_CHARS = 500;

const isType = (text: string): text is AnnotationType => ANNOTATION_TYPES.some((type) => type === text);

export function ScoreForm({ state, target, score, onDone }: ScoreFormProps) {
  const [name, setName] = useState(score?.name ?? '');
  const [type, setType] = useState<AnnotationType>(
    score !== null && isType(score.dataType) ? score.dataType : 'NUMERIC',
  );
  const [value, setValue] = useState(score === null ? '' : score.value);
  const [comment, setComment] = useState(score?.comment ?? '');
  // At once, so that the next key is a letter of the name.
  useLayoutEffect(() => {
    document.getElementById('score-name')?.focus();
    void loadScoreNames();
  }, []);
  const known = scoreNames.value;
  const nameIt = (text: string) => {
    setName(text);
    const same = known.find((one) => one.name === text);
    if (same !== undefined && isType(same.dataType)) setType(same.dataType);
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = {
      ...(score !== null && { id: score.id }),
      observationId: target,
      name: name.trim(),
      dataType: type,
      value: scoreValueOf(type, value),
      comment: comment.trim() === '' ? null : comment,
    };
    if (await giveScore(state, given)) onDone();
  };
  return (
    <form
      class="feedback-form"
      aria-label="Score"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone();
      }}
    >
      <label>
        Name
        <input
          id="score-name"
          type="text"
          list="score-names"
          required
          maxLength={200}
          autocomplete="off"
          value={name}
          onInput={({ currentTarget }) => nameIt(currentTarget.value)}
        />
      </label>
      <datalist id="score-names">
        {[...new Set(known.map((one) => one.name))].map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <label>
        Type
        <select
          value={type}
          onChange={({ currentTarget }) => {
            if (isType(currentTarget.value)) setType(currentTarget.value);
          }}
        >
          {ANNOTATION_TYPES.map((one) => (
            <option key={one} value={one}>
              {TYPE_LABELS[one]}
            </option>
          ))}
        </select>
      </label>
      <ValueInput name={name} type={type} value={value} onChange={setValue} />
      <label class="wide">
        Comment
        <input
          type="text"
          maxLength={5000}
          value={comment}
          onInput={({ currentTarget }) => setComment(currentTarget.value)}
        />
      </label>
      <FormButtons what="score" isNew={score === null} onCancel={onDone} />
    </form>
  );
}

/** An empty BOOLEAN is true, as that is what the form shows. */
function scoreValueOf(type: AnnotationType, text: string): number | string {
  if (type === 'NUMERIC') return Number(text);
  return type === 'BOOLEAN' ? Number(text !== 'False') : text;
}

interface ValueInputProps {
  name: string;
  type: AnnotationType;
  value: string;
  onChange(value: string): void;
}

function ValueInput({ name, type, value, onChange }: ValueInputProps) {
  const onInput = ({ currentTarget }: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
    onChange(currentTarget.value);
  if (type === 'BOOLEAN') {
    return (
      <label>
        Value
        <select
          value={value === 'False' ? 'False' : 'True'}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        >
          <option value="True">True</option>
          <option value="False">False</option>
        </select>
      </label>
    );
  }
  if (type === 'NUMERIC') {
    return (
      <label>
        Value
        <input type="number" step="any" required value={value} onInput={onInput} />
      </label>
    );
  }
  if (type === 'TEXT') {
    return (
      <label class="wide">
        Value
        <textarea rows={3} required maxLength={MAX_TEXT_CHARS} value={value} onInput={onInput} />
      </label>
    );
  }
  const categories = scoreNames.value.find((one) => one.name === name && one.dataType === type)?.values ?? [];
  return (
    <label>
      Value
      <input type="text" list="score-values" required autocomplete="off" value={value} onInput={onInput} />
      <datalist id="score-values">
        {categories.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </label>
  );
}
