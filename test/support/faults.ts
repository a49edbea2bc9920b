/** The faults that a server, or what stands before it, can show; each with what a user is told of it. */
import type { Socket } from 'node:net';
import { answer, type Fault, type FaultRequest } from './fault-server.js';

export const KEYS = { publicKey: 'pk-lf-public', secretKey: 'sk-lf-0123456789-secret' } as const;
export const CREDENTIALS = Buffer.from(`${KEYS.publicKey}:${KEYS.secretKey}`).toString('base64');

export type NamedFault = readonly [name: string, fault: Fault, told: RegExp];

const answers = (...args: Parameters<typeof answer>): Fault => ({
  request: (socket) => void socket.write(answer(...args)),
});
const writes = (text: string, then: (socket: Socket) => void): Fault => ({
  request(socket) {
    socket.write(text);
    then(socket);
  },
});
const reset = (socket: Socket): void => void socket.resetAndDestroy();
const end = (socket: Socket): void => void socket.end();
const nothing = (): void => {};
/** After what was written before has gone. */
const soon = (what: (socket: Socket) => void) => (socket: Socket) => void setTimeout(what, 20, socket);

function drip(socket: Socket, text: string): void {
  let position = 0;
  const timer = setInterval(() => socket.write(text[position++ % text.length] as string), 20);
  socket.on('close', () => clearInterval(timer));
}

const MiB = 1024 * 1024;
/** Bytes, as the memory of a repeated text is taken at its first use, which a soak would count as grown. */
const LARGE = Buffer.alloc(10 * MiB, 'x');
const PAGE = '<!doctype html><html><title>Sign in</title><body><h1>Welcome to the hotel</h1></body></html>';
const soonOver = (ms: number): string => new Date(Date.now() + ms).toUTCString();

/** Over when the server is mended: nothing is lost. */
export const PASSING: readonly NamedFault[] = [
  ['refuses connections', { refuses: true }, /127\.0\.0\.1:\d+ refuses connections \(ECONNREFUSED/],
  ['closes each connection at once', { connected: end }, /has cut the connection/],
  ['resets each connection at once', { connected: reset }, /has cut the connection/],
  [
    'accepts connections and is silent',
    { connected: nothing, isSlow: true },
    /no answer within 500 ms from 127/,
  ],
  ['reads the request and is silent', { request: nothing, isSlow: true }, /no answer within 500 ms/],
  ['resets in the middle of the request', { head: reset }, /has cut the connection/],
  ['resets after the request', { request: reset }, /has cut the connection/],
  ['half-closes instead of answering', { request: end }, /has cut the connection/],
  ['closes within the status line', writes('HTTP/1.1 20', soon(end)), /has cut the connection|not HTTP/],
  ['resets within the headers', writes('HTTP/1.1 200 OK\r\ncontent-', soon(reset)), /has cut the connection/],
  [
    'drips its status line',
    { isSlow: true, request: (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx: y'.padEnd(1000, 'y')) },
    /no answer within/,
  ],
  ['speaks SSH', writes('SSH-2.0-OpenSSH_9.6\r\n', nothing), /not HTTP/],
  ['answers bytes at random', writes('\x00\xff\x16\x03\x01garbage', nothing), /not HTTP/],
  [
    'resets within the body of a failure',
    writes('HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\nhalf', soon(reset)),
    /has cut the connection/,
  ],
  [
    'cuts the body of a failure short',
    writes('HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\nhalf', soon(end)),
    /has cut the connection/,
  ],
  [
    'chunks nonsense in a failure',
    writes('HTTP/1.1 500 Error\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\nnot a size', nothing),
    /not HTTP/,
  ],
  [
    '401',
    answers(401, {}, '{"error":"Invalid credentials"}'),
    /127\.0\.0\.1:\d+ does not take public key pk-lf-public/,
  ],
  ['403', answers(403, {}, PAGE), /HTTP 403: .*public key pk-lf-public.*Sign in Welcome to the …/],
  ['408', answers(408), /HTTP 408/],
  ['429', answers(429), /HTTP 429/],
  ['429 with Retry-After in seconds', answers(429, { 'retry-after': '1' }), /retrying in \d+ ms: HTTP 429/],
  [
    '429 with Retry-After as a date',
    { request: (socket) => void socket.write(answer(429, { 'retry-after': soonOver(1000) })) },
    /HTTP 429/,
  ],
  ['429 with Retry-After in the past', answers(429, { 'retry-after': soonOver(-100_000) }), /HTTP 429/],
  ['429 with a negative Retry-After', answers(429, { 'retry-after': '-5' }), /HTTP 429/],
  ['429 with nonsense for Retry-After', answers(429, { 'retry-after': 'soon' }), /HTTP 429/],
  ['500 with JSON', answers(500, {}, '{"message":"out of order"}'), /HTTP 500: \{"message":"out of order"\}/],
  ['500 with 10 MiB', answers(500, {}, LARGE), /HTTP 500 \(no type, \d+ bytes\)$/],
  [
    '500 that repeats what it was sent',
    {
      request: (socket, { headers }: FaultRequest) =>
        void socket.write(answer(500, {}, `${headers.authorization} ${KEYS.secretKey}`)),
    },
    /HTTP 500: Basic …$/,
  ],
  ['502 with a page', answers(502, {}, '<html><h1>Bad Gateway</h1></html>'), /HTTP 502: Bad Gateway/],
  ['503', answers(503), /HTTP 503/],
  ['504', answers(504), /HTTP 504/],
  ['520, as Cloudflare has it', answers(520), /HTTP 520/],
  [
    'redirects to another host',
    answers(301, { location: 'https://elsewhere.example/api?token=t0ken' }),
    /HTTP 301: 127\.0\.0\.1:\d+ redirects to https:\/\/elsewhere\.example, .*baseUrl/,
  ],
  [
    'redirects to itself',
    answers(307, { location: '/login' }),
    /HTTP 307: .* another path of its own.*baseUrl/,
  ],
  ['redirects to nowhere', answers(302), /HTTP 302: .* redirects to nowhere/],
  [
    '200 with a page to sign in',
    answers(200, {}, PAGE),
    /HTTP 200 with a web page.*Sign in Welcome to the …/,
  ],
  [
    '200 with a page of 10 MiB',
    answers(200, {}, Buffer.concat([Buffer.from(PAGE), LARGE])),
    /HTTP 200 with a web page/,
  ],
];

/** A matter of the request: it is given up, counted and named. */
export const FINAL: readonly NamedFault[] = [
  ['400', answers(400, {}, '{"message":"invalid id"}'), /HTTP 400: \{"message":"invalid id"\}/],
  ['404', answers(404), /HTTP 404: 127.* has no \/api\/public\/otel\/v1\/traces.*protocol: 'ingestion'/],
  ['405', answers(405), /HTTP 405/],
  ['501', answers(501), /HTTP 501/],
  ['413', answers(413), /too large for the server \(HTTP 413\)/],
];

const taken = (what: (socket: Socket) => void): Fault => ({
  request(socket, _, acknowledge) {
    acknowledge();
    what(socket);
  },
});
const takenWith = (...args: Parameters<typeof answer>): Fault =>
  taken((socket) => socket.write(answer(...args)));

/** The server has said that it has the events: whatever else it says, they are not sent again. */
export const HARMLESS: readonly (readonly [name: string, fault: Fault])[] = [
  ['200 with 0a 00', takenWith(200, {}, Buffer.from('0a00', 'hex'))],
  ['200 with {}', takenWith(200, { 'content-type': 'application/json' }, '{}')],
  ['200 with OK', takenWith(200, { 'content-type': 'text/html' }, 'OK')],
  ['200 with bytes at random', takenWith(200, {}, Buffer.from('ff00fe01', 'hex'))],
  ['200 with 10 MiB', takenWith(200, {}, Buffer.alloc(10 * MiB, 1))],
  ['202', takenWith(202)],
  ['204', taken((socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'))],
  ['200 cut short', taken((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'))],
  [
    '200 with chunked nonsense',
    taken((socket) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n')),
  ],
  [
    '200 whose body drips for ever',
    {
      isSlow: true,
      ...taken((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
        drip(socket, 'x');
      }),
    },
  ],
  ['200 and a connection that closes', taken((socket) => socket.end(answer(200, { connection: 'close' })))],
];
