/** Says what did not work; nothing while all is well. */

export function Problem({ text }: { text: string | null }) {
  return text === null ? null : (
    <p class="notice problem" role="alert">
      {text}
    </p>
  );
}
