/** Says what did not work; nothing while all is well. */

interface ProblemProps {
  text: string | null;
  /** Null: the same request would have the same answer. */
  again?: (() => void) | null;
}

export function Problem({ text, again = null }: ProblemProps) {
  if (text === null) return null;
  return (
    <p class="notice problem" role="alert">
      {text}
      {again !== null && (
        <>
          {' '}
          <button type="button" class="link-button" onClick={again}>
            Try again
          </button>
        </>
      )}
    </p>
  );
}
