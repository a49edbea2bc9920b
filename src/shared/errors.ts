/** What an error says and what it is, whatever was thrown: reading it must not throw again. */

export function messageOf(error: unknown): string {
  try {
    // Nothing keeps an application from messages that are no texts.
    return error instanceof Error && error.message !== '' ? String(error.message) : String(error);
  } catch {
    return 'an error that cannot be read';
  }
}

export function nameOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.name) : typeof error;
  } catch {
    return 'an error that cannot be read';
  }
}
