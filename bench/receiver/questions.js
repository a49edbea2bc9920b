/** What the page asks for at size: name and address of each. `{again}` is another number in each repetition: no answer is kept. */

const traces = (query) => `/api/tailrace/traces?limit=100${query}`;

export const QUESTIONS = [
  ['list', traces('')],
  ...['name', 'duration', 'tokens', 'cost', 'observations', 'errors'].flatMap((column) => [
    [`sort by ${column}`, traces(`&sort=-${column}`)],
  ]),
  ['filter: name', traces('&name=airline-agent-3')],
  ['filter: user', traces('&user=user-17')],
  ['filter: session', traces('&session=session-17')],
  ['filter: tag', traces('&tag=tag-3')],
  ['filter: level ERROR', traces('&level=ERROR')],
  ['filter: type TOOL', traces('&type=TOOL')],
  ['filter: model', traces('&model=gpt-4o-mini')],
  ['filter: environment and model', traces('&environment=staging&model=gpt-4o-mini')],
  ['filter: cost and latency', traces('&minCost=0.02&minDuration=10')],
  ['filter: time range', traces('&from=2020-01-01T00:00:00Z&to=2040-01-01T00:00:00Z')],
  ['filter: status message', traces('&status=timed')],
  ['filter: score', traces('&score=reward%3E0.5')],
  ['filter: metadata', traces('&metadata=case%3Dnone')],
  ['search: a word of most traces', traces('&q=reservation')],
  ['search: a part of a word', traces('&q=ertificat')],
  ['search: a word of few', traces('&q=helicopter')],
  ['search: one trace', traces('&q=4711-2')],
  ['search: several words', traces('&q=travel%20certificate%20of')],
  ['search: nothing', traces('&q=xylophone{again}')],
  ['facets', '/api/tailrace/facets'],
  ['facets of a filter', '/api/tailrace/facets?environment=production'],
  ['facets of a search', '/api/tailrace/facets?q=certificate'],
  ['chart', '/api/tailrace/series'],
];
