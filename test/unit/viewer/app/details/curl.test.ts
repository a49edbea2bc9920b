/** A generation as a curl command: what the shell hands to curl, for chats of each kind and for hostile texts. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curlOf, type ModelCall, quoted } from '../../../../../src/viewer/app/details/curl.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-curl-'));
  // A curl that prints its arguments, each with a NUL at its end.
  writeFileSync(join(folder, 'curl'), `#!/bin/sh\nprintf '%s\\0' "$@"\n`);
  chmodSync(join(folder, 'curl'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The arguments that curl gets if somebody runs the command in a shell. */
function run(command: string): string[] {
  const env = {
    PATH: `${folder}:${process.env.PATH}`,
    OPENAI_API_KEY: 'the key',
    ANTHROPIC_API_KEY: 'the other key',
  };
  const output = execFileSync('sh', ['-c', command], { env, cwd: folder, encoding: 'utf8' });
  return output.split('\0').slice(0, -1);
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of several shapes
function bodyOf(call: Partial<ModelCall>): any {
  const command = curlOf({ model: 'gpt-4o', parameters: null, input: null, ...call });
  return JSON.parse(run(command as string).at(-1) as string);
}

const CHAT = [
  { role: 'system', content: 'Be kind.' },
  { role: 'user', content: "Where's my parcel?" },
];

describe('for a model of OpenAI', () => {
  it('has the address, the key as a variable, messages, model and parameters', () => {
    const parameters = { temperature: '0.2', max_tokens: 400, apiKey: 'sk-secret', stop: '\n' };
    const command = curlOf({ model: 'gpt-4o', parameters, input: CHAT }) as string;
    expect(command).toContain('$OPENAI_API_KEY');
    expect(command).not.toContain('sk-secret');
    const [url, ...others] = run(command);
    expect(url).toBe('https://api.openai.com/v1/chat/completions');
    expect(others).toContain('authorization: Bearer the key');
    expect(JSON.parse(others.at(-1) as string)).toEqual({
      model: 'gpt-4o',
      messages: CHAT,
      temperature: 0.2,
      max_tokens: 400,
      stop: '\n',
    });
  });

  it('takes tools from an input that is a whole request', () => {
    const tools = [{ type: 'function', function: { name: 'find' } }];
    const body = bodyOf({ input: { messages: CHAT, tools, api_key: 'sk-secret' } });
    expect(body).toEqual({ model: 'gpt-4o', messages: CHAT, tools });
  });

  it('makes messages of those of other libraries, with calls and their results', () => {
    const input = [
      { type: 'human', content: 'Where?' },
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'find', input: { id: 7 } }],
      },
      { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c', toolName: 'find', output: 'late' }] },
    ];
    expect(bodyOf({ input }).messages).toEqual([
      { role: 'user', content: 'Where?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'find', arguments: '{"id":7}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'late' },
    ]);
  });
});

it('for a model of Anthropic has its address, its key, and the instructions apart', () => {
  const command = curlOf({ model: 'claude-x', parameters: { temperature: 1 }, input: CHAT }) as string;
  const [url, ...others] = run(command);
  expect(url).toBe('https://api.anthropic.com/v1/messages');
  expect(others).toContain('x-api-key: the other key');
  expect(JSON.parse(others.at(-1) as string)).toEqual({
    model: 'claude-x',
    max_tokens: 1024,
    system: 'Be kind.',
    messages: [CHAT[1]],
    temperature: 1,
  });
});

it('for a model of Anthropic with tools of OpenAI’s form has that form', () => {
  const call = { id: 'c', type: 'function', function: { name: 'find', arguments: '{}' } };
  const input = [CHAT[1], { role: 'assistant', content: null, tool_calls: [call] }];
  const [url, ...others] = run(curlOf({ model: 'claude-x', parameters: null, input }) as string);
  expect(url).toBe('https://api.anthropic.com/v1/chat/completions');
  expect(others).toContain('authorization: Bearer the other key');
  expect(JSON.parse(others.at(-1) as string)).toEqual({ model: 'claude-x', messages: input });
});

it.each([null, 'text', 5, [], {}, [{ a: 1 }], { messages: [] }])('is none for the input %j', (input) => {
  expect(curlOf({ model: 'gpt-4o', parameters: null, input })).toBeNull();
});

describe('hostile texts', () => {
  const HOSTILE = [
    `'; touch hacked; '`,
    `'$(touch hacked)'`,
    '`touch hacked`',
    '$(touch hacked) $HOME $OPENAI_API_KEY',
    `\\'; touch hacked #`,
    `'\\''; touch hacked; echo '`,
    '"; touch hacked; "',
    'a\nb\r\ntouch hacked\n',
    '!! !touch ^a^b',
    '@/etc/passwd',
    `EOF\n'EOF'\ntouch hacked`,
    '\u0000\u001b[2J\u009b31m\u202e\u2028\ud800 ü',
  ];

  it.each(HOSTILE)('%j stays text in messages, model and parameters', (text) => {
    const input = [
      { role: 'user', content: text, name: text },
      { role: 'assistant', content: [{ type: 'text', text }] },
    ];
    const body = bodyOf({ model: text, parameters: { stop: text }, input });
    expect(body).toEqual({ model: text, messages: input, stop: text });
    expect(bodyOf({ model: `claude ${text}`, input }).messages).toEqual(input);
    expect(existsSync(join(folder, 'hacked'))).toBe(false);
  });

  it.each(HOSTILE.filter((text) => !text.includes('\0')))('%j is one word of the shell', (text) => {
    expect(run(`curl ${quoted(text)}`)).toEqual([text.toWellFormed()]);
  });

  it('hold no character that a terminal obeys', () => {
    const input = [{ role: 'user', content: '\u001b[2J \u007f \u009b \u202e \u2066 \ufeff \u200b' }];
    const command = curlOf({ model: 'gpt-4o', parameters: null, input }) as string;
    const isObeyed = (code: number) =>
      (code < 32 && code !== 10) || (code > 126 && code < 160) || code > 0x200a;
    expect([...command].filter((character) => isObeyed(character.charCodeAt(0)))).toEqual([]);
  });
});
