/** What a reader has chosen for this browser: columns, widths. Storage may be denied, and what is in it may be anything. */

const PREFIX = 'tailrace-page:';

export function readPreference<T>(name: string, isValid: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null');
    return isValid(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function writePreference(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // It lasts as long as the page.
  }
}
