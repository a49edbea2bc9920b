/** Shows a URL in the user's browser, by the opener of the system. */
import { spawn } from 'node:child_process';

const OPENERS: Partial<Record<NodeJS.Platform, readonly [command: string, ...words: string[]]>> = {
  darwin: ['open'],
  // `start` takes its first quoted word as a title.
  win32: ['cmd', '/c', 'start', '""'],
};
const DEFAULT_OPENER = ['xdg-open'] as const;

/** Does not wait. If nothing can be opened, it warns: the URL is on the terminal anyway. */
export function openBrowser(url: string, warn: (message: string) => void): void {
  const [command, ...words] = OPENERS[process.platform] ?? DEFAULT_OPENER;
  const child = spawn(command, [...words, url], { stdio: 'ignore', detached: true });
  child.on('error', ({ message }) => warn(`the page cannot be opened in a browser: ${message}`));
  child.unref();
}
