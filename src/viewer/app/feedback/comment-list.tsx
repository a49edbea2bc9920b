/** Comments, the oldest first. They are shown as text. */

import type { CommentView } from '../../data/feedback.js';
import type { TraceState } from '../trace/trace-state.js';
import { fullTime, isoTime, time } from '../ui/format.js';
import { removeComment } from './feedback-state.js';

interface CommentListProps {
  state: TraceState;
  comments: readonly CommentView[];
  nameOf(observationId: string | null): string;
  onChange(comment: CommentView): void;
}

export function CommentList({ state, comments, nameOf, onChange }: CommentListProps) {
  if (comments.length === 0) return null;
  return (
    <ul class="comments" aria-label="Comments">
      {comments.map((comment) => {
        const { id, observationId, content, author, createdUs, isChanged } = comment;
        const place = nameOf(observationId);
        return (
          <li key={id}>
            <p class="comment-head">
              {author !== null && <b>{author}</b>}
              <span>on {place}</span>
              <time dateTime={isoTime(createdUs)} title={fullTime(createdUs)}>
                {time(createdUs)}
              </time>
              {isChanged && <span>changed</span>}
              <button
                type="button"
                class="link-button"
                aria-label={`Change the comment on ${place}`}
                onClick={() => onChange(comment)}
              >
                change
              </button>
              <button
                type="button"
                class="link-button"
                aria-label={`Delete the comment on ${place}`}
                onClick={() => void removeComment(state, id)}
              >
                delete
              </button>
            </p>
            <p class="text">{content}</p>
          </li>
        );
      })}
    </ul>
  );
}
