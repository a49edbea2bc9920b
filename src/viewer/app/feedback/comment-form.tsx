/** The form of a comment. Ctrl or ⌘ with Enter sends it. */

import { useLayoutEffect, useState } from 'preact/hooks';
import type { CommentView } from '../../data/feedback.js';
import type { TraceState } from '../trace/trace-state.js';
import { giveComment } from './feedback-state.js';
import { FormButtons } from './form-buttons.js';

interface CommentFormProps {
  state: TraceState;
  target: string | null;
  /** The one that is changed; null: a new one. */
  comment: CommentView | null;
  onDone(): void;
}

const MAX_CHARS = 5000;

export function CommentForm({ state, target, comment, onDone }: CommentFormProps) {
  const [content, setContent] = useState(comment?.content ?? '');
  // At once, so that the next key is a letter of the comment.
  useLayoutEffect(() => document.getElementById('comment-text')?.focus(), []);
  const send = async () => {
    const given = { ...(comment !== null && { id: comment.id }), observationId: target, content };
    if (await giveComment(state, given)) onDone();
  };
  return (
    <form
      class="feedback-form"
      aria-label="Comment"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label class="wide">
        Comment
        <textarea
          id="comment-text"
          rows={3}
          required
          maxLength={MAX_CHARS}
          value={content}
          onInput={({ currentTarget }) => setContent(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send();
            if (event.key === 'Escape') onDone();
          }}
        />
      </label>
      <FormButtons what="comment" isNew={comment === null} onCancel={onDone} />
    </form>
  );
}
