/** Scores and comments of what is selected: those that are there, thumbs, and the forms. */

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { CommentView, ScoreView } from '../../data/feedback.js';
import type { TraceState } from '../trace/trace-state.js';
import { Icon } from '../ui/icons.js';
import { Problem } from '../ui/problem.js';
import { CommentForm } from './comment-form.js';
import { CommentList } from './comment-list.js';
import { problem, thumbOf, toggleThumb } from './feedback-state.js';
import { ScoreForm } from './score-form.js';
import { ScoreTable } from './score-table.js';

interface FeedbackProps {
  state: TraceState;
  /** The id of an observation; null: the trace, with the scores and comments of all of its observations. */
  target: string | null;
  /** Further buttons of the row. */
  children?: ComponentChildren;
}

/** What is written down now: a new one, a change of one that is there, or nothing. */
type Form =
  | { kind: 'score'; score: ScoreView | null }
  | { kind: 'comment'; comment: CommentView | null }
  | null;

export function Feedback({ state, target, children }: FeedbackProps) {
  const [form, setForm] = useState<Form>(null);
  useEffect(() => {
    setForm(null);
    problem.value = null;
  }, [target]);
  const belongs = ({ observationId }: { observationId: string | null }) =>
    target === null || observationId === target;
  const scores = (state.detail.value?.scores ?? []).filter(belongs);
  const comments = (state.detail.value?.comments ?? []).filter(belongs);
  const nameOf = (observation: string | null) => nameOfTarget(state, observation, target);
  const close = () => setForm(null);
  const toggle = (kind: 'score' | 'comment') =>
    setForm(form?.kind === kind ? null : kind === 'score' ? { kind, score: null } : { kind, comment: null });
  return (
    <section class="feedback" aria-label="Feedback">
      <div class="actions">
        <Thumb state={state} target={target} isUp={true} />
        <Thumb state={state} target={target} isUp={false} />
        <button
          type="button"
          class="button"
          id="score-button"
          aria-expanded={form?.kind === 'score'}
          title="Give a score (s)"
          onClick={() => toggle('score')}
        >
          Score
        </button>
        <button
          type="button"
          class="button"
          id="comment-button"
          aria-expanded={form?.kind === 'comment'}
          title="Write a comment (c)"
          onClick={() => toggle('comment')}
        >
          <Icon name="comment" /> Comment
        </button>
        {children}
      </div>
      <Problem text={problem.value} />
      {form?.kind === 'score' && (
        <ScoreForm
          key={form.score?.id ?? 'new'}
          state={state}
          target={form.score === null ? target : form.score.observationId}
          score={form.score}
          onDone={close}
        />
      )}
      {form?.kind === 'comment' && (
        <CommentForm
          key={form.comment?.id ?? 'new'}
          state={state}
          target={form.comment === null ? target : form.comment.observationId}
          comment={form.comment}
          onDone={close}
        />
      )}
      <ScoreTable
        state={state}
        scores={scores}
        nameOf={nameOf}
        onChange={(score) => setForm({ kind: 'score', score })}
      />
      <CommentList
        state={state}
        comments={comments}
        nameOf={nameOf}
        onChange={(comment) => setForm({ kind: 'comment', comment })}
      />
    </section>
  );
}

interface ThumbProps {
  state: TraceState;
  target: string | null;
  isUp: boolean;
}

function Thumb({ state, target, isUp }: ThumbProps) {
  const given = thumbOf(state, target);
  const isGiven = given !== undefined && (given.value === 'True') === isUp;
  const label = isUp ? 'Thumb up' : 'Thumb down';
  return (
    <button
      type="button"
      class={`button thumb ${isUp ? 'up' : 'down'}`}
      aria-pressed={isGiven}
      aria-label={label}
      title={`${label} (${isUp ? '+' : '-'})`}
      onClick={() => void toggleThumb(state, target, isUp)}
    >
      <Icon name="thumb" />
    </button>
  );
}

function nameOfTarget(state: TraceState, observation: string | null, target: string | null): string {
  if (observation === null) return 'the trace';
  if (observation === target) return 'this observation';
  const columns = state.detail.value?.observations;
  const at = columns?.id.indexOf(observation) ?? -1;
  return columns?.name[at] || observation;
}
