/**
 * ClickHouse's HTTP interface over the engine in chdb, which has no server. Statements, types, settings, duplicates and error codes are
 * the engine's own. Users are not: the engine in process has one user, so names and passwords are checked here.
 *
 * Arguments: a folder, a port or 0, and `no-log` to keep no requests. Says its port, and takes orders (`Orders` of test/support/clickhouse-server.ts), by messages.
 */
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { Session } from 'chdb';

const [folder, port, keeps] = process.argv.slice(2);
const session = new Session(folder);
/** What is to happen to the next inserts, and what holds for each user. */
const orders = { users: { default: { password: '' } }, cutBefore: 0, cutAfter: 0, silent: 0, answers: [] };
const log = [];

process.on('message', ({ id, order, log: isLog }) => {
  Object.assign(orders, order);
  process.send({ id, log: isLog ? log : undefined });
});
process.on('disconnect', () => process.exit());

// Parameters of a query are in its address.
const server = createServer({ maxHeaderSize: 1024 * 1024 }, async (request, response) => {
  const chunks = await request.toArray();
  const raw = Buffer.concat(chunks);
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
  const { searchParams } = new URL(request.url, 'http://localhost');
  const query = searchParams.get('query') ?? '';
  const parameters = [...searchParams].filter(([name]) => name.startsWith('param_'));
  const isInsert = query.startsWith('INSERT');
  const { users } = orders;
  const user = users[request.headers['x-clickhouse-user']];
  const entry = {
    url: request.url,
    headers: request.headers,
    bytes: raw.byteLength,
    rows: isInsert ? body.toString() : undefined,
  };
  if (keeps !== 'no-log') log.push(entry);
  const answer = (status, text, code) => {
    response.writeHead(status, {
      'content-type': 'text/plain',
      ...(code && { 'x-clickhouse-exception-code': code }),
    });
    response.end(text);
  };
  if (user === undefined || user.password !== request.headers['x-clickhouse-key']) {
    return answer(403, 'Code: 516. DB::Exception: Authentication failed (AUTHENTICATION_FAILED)', '516');
  }
  if (isInsert && orders.answers.length > 0) {
    const { status, code, text = '' } = orders.answers.shift();
    return answer(status, text, code);
  }
  if (isInsert && orders.unreadable !== undefined && body.includes(orders.unreadable)) {
    return answer(400, `Code: 27. Cannot parse input: ${body}`, '27');
  }
  if (isInsert && orders.silent-- > 0) return;
  if (isInsert && orders.cutBefore-- > 0) return request.socket.destroy();
  const settings = { ...Object.fromEntries(searchParams), ...user.settings };
  for (const name of [...OF_HTTP, ...parameters.map(([name]) => name)]) delete settings[name];
  try {
    for (const [name, value] of parameters) run(`SET ${name} = ${literal(value)}`);
    const text = isInsert ? insert(query, body, settings) : run(withSettings(query + body, settings));
    if (isInsert && orders.cutAfter-- > 0) return request.socket.destroy();
    answer(200, text);
  } catch (error) {
    const code = /Code: (\d+)/.exec(error.message)?.[1] ?? '1002';
    answer(['60', '81'].includes(code) ? 404 : 500, error.message, code);
  }
});

server.listen(Number(port), '127.0.0.1', () => process.send({ port: server.address().port }));

function run(statement) {
  return String(session.query(statement, 'TabSeparated'));
}

function insert(query, body, settings) {
  const [into, format] = query.split(/(?= FORMAT )/);
  return run(`${into} SETTINGS ${listed(settings)}${format} ${body}`);
}

/** A user that is read-only runs each statement so. Settings stand before the format of the answer. */
function withSettings(statement, settings) {
  const isSelect = /^\s*SELECT/i.test(statement);
  if ('readonly' in settings && !isSelect) {
    throw new Error('Code: 164. DB::Exception: Cannot execute query in readonly mode. (READONLY)');
  }
  const given = Object.entries(settings).filter(([name]) => name !== 'readonly');
  if (given.length === 0) return statement;
  const all = listed(Object.fromEntries(given));
  const at = statement.lastIndexOf(' FORMAT ');
  return isSelect && at > 0
    ? `${statement.slice(0, at)} SETTINGS ${all}${statement.slice(at)}`
    : `${statement} SETTINGS ${all}`;
}

/** Those of the HTTP interface alone. */
const OF_HTTP = ['query', 'wait_end_of_query', 'enable_http_compression'];

function literal(value) {
  return `'${String(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function listed(settings) {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${literal(value)}`)
    .join(', ');
}
