/** The message for a module of the application that cannot be loaded. */
import { expect, it } from 'vitest';
import { errorLocation } from '../../../../src/shared/untrusted-text/errors.js';
import { loadFault } from '../../../../src/shared/untrusted-text/load-fault.js';

const URL = 'file:///app/exporter.mjs';

function errorWith(message: string, stack: string): Error {
  return Object.assign(new Error(message), { stack });
}

it('names the module, the error and its location in the code of the application', () => {
  const error = errorWith(
    'boom',
    `Error: boom
    at file:///app/exporter.mjs:3:9
    at ModuleJob.run (node:internal/modules/esm/module_job:345:25)
    at load (/app/node_modules/tailrace/dist/worker.cjs:1:2)
    at load (/app/node_modules/tailrace/src/consumer/exporter/load-exporter.ts:1:2)`,
  );
  expect(loadFault('exporter', URL, error)).toEqual({
    line: 'exporter file:///app/exporter.mjs could not be loaded: Error: boom',
    stack: '\n    at file:///app/exporter.mjs:3:9',
  });
  expect(errorLocation(error)).toBe('file:///app/exporter.mjs:3:9');
});

it('names the line that cannot be parsed, and does not show it', () => {
  const error = errorWith(
    'Unexpected token',
    "file:///app/exporter.mjs:7\nconst key = 'sk-lf-1234' 5;\n^\n\nSyntaxError: Unexpected token\n    at wrapSafe (node:internal/x:1:2)",
  );
  expect(loadFault('exporter', URL, error).stack).toBe('\n    at file:///app/exporter.mjs:7');
});

it('shows no text of the options, in any line', () => {
  const options = { nested: [{ key: 'very-secret' }], url: 'http://user:password@host/' };
  const error = errorWith(
    'bad very-secret of http://user:password@host/',
    'Error: bad very-secret\n    at very-secret (file:///app/exporter.mjs?key=very-secret:1:2)',
  );
  const { line, stack } = loadFault('exporter', URL, error, options);
  expect(line + stack).not.toMatch(/very-secret|password/);
});

it('is on one line without control characters, whatever was thrown', () => {
  const error = errorWith(
    'one\n    at two\u001b[2J\u202e',
    'Error: one\n    at two\n    at three (file:///a.mjs:1:1)',
  );
  expect(loadFault('exporter', URL, error)).toEqual({
    line: 'exporter file:///app/exporter.mjs could not be loaded: Error: one at two [2J',
    stack: '\n    at three (file:///a.mjs:1:1)',
  });
  const unreadable = {
    get message() {
      throw new Error('no');
    },
    get stack() {
      throw new Error('no');
    },
  };
  expect(loadFault('exporter', URL, unreadable).line).toContain('an error that cannot be read');
  expect(
    loadFault('exporter', `data:text/javascript,${'x'.repeat(10_000)}`, undefined).line.length,
  ).toBeLessThan(400);
});
