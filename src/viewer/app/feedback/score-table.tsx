/** The scores that are there. Those that a person gave on a page can be changed and deleted. */

import type { ScoreView } from '../../data/feedback.js';
import type { TraceState } from '../trace/trace-state.js';
import { removeScore } from './feedback-state.js';

interface ScoreTableProps {
  state: TraceState;
  scores: readonly ScoreView[];
  nameOf(observationId: string | null): string;
  onChange(score: ScoreView): void;
}

export function ScoreTable({ state, scores, nameOf, onChange }: ScoreTableProps) {
  if (scores.length === 0) return null;
  return (
    <div class="scroll">
      <table class="scores">
        <thead>
          <tr>
            <th scope="col">Score</th>
            <th scope="col">Value</th>
            <th scope="col">On</th>
            <th scope="col">Comment</th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {scores.map((score) => (
            <tr key={score.id}>
              <th scope="row">{score.name}</th>
              <td>{score.value}</td>
              <td>{nameOf(score.observationId)}</td>
              <td>{score.comment ?? ''}</td>
              <td>
                {score.source === 'ANNOTATION' ? (
                  <span class="row-tools">
                    a person
                    <button
                      type="button"
                      class="link-button"
                      aria-label={`Change the score ${score.name}`}
                      onClick={() => onChange(score)}
                    >
                      change
                    </button>
                    <button
                      type="button"
                      class="link-button"
                      aria-label={`Delete the score ${score.name}`}
                      onClick={() => void removeScore(state, score.id)}
                    >
                      delete
                    </button>
                  </span>
                ) : (
                  score.source
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
