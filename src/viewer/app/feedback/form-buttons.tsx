/** The buttons of a form: one sends it, the other closes it. */

interface FormButtonsProps {
  /** What is given: `score`. */
  what: string;
  isNew: boolean;
  onCancel(): void;
}

export function FormButtons({ what, isNew, onCancel }: FormButtonsProps) {
  return (
    <div class="form-buttons">
      <button type="submit" class="button primary">
        {isNew ? `Add the ${what}` : `Save the ${what}`}
      </button>
      <button type="button" class="button" onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}
