/** What an error says, whatever was thrown: reading it must not throw again. */

export function messageOf(error: unknown): string {
  try {
    return error instanceof Error && error.message !== '' ? error.message : String(error);
  } catch {
    return 'an error that cannot be read';
  }
}
