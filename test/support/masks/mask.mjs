/** A mask module: upper-cases the word "secret", throws at "throw", and answers "later" with a promise. */
export function mask({ data, field, type, name, traceId }) {
  const text = JSON.stringify(data);
  if (text.includes('throw')) throw new Error(`cannot mask ${text}`);
  if (text.includes('later')) return Promise.reject(new Error(text));
  if (text.includes('describe')) return { field, type, name, traceId };
  if (text.includes('exotic'))
    return new Map([
      ['at', new Date(0)],
      ['big', 10n],
      ['mail', 'me@example.com'],
    ]);
  if (text.includes('nothing')) return undefined;
  return JSON.parse(text.replaceAll('secret', '***'));
}
