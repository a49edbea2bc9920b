/** The parts of Langfuse's public API that this server does not have: 501, with a sentence that says so. */

import { HttpError } from './requests.js';

/**
 * Paths below /api/public/ → the feature. A path that a route has is here if the route lacks some of its methods. A version in
 * front (`v2/`) is left out.
 */
const MISSING: readonly (readonly [path: RegExp, feature: string])[] = [
  [/^prompts(\/|$)/, 'prompts'],
  [/^(datasets|dataset-items|dataset-run-items)(\/|$)/, 'datasets'],
  [/^(experiments|experiment-items)(\/|$)/, 'experiments'],
  [/^models(\/|$)/, 'model definitions of your own'],
  [/^score-configs(\/|$)/, 'score configs'],
  [/^annotation-queues(\/|$)/, 'annotation queues'],
  [/^metrics\/daily$/, 'daily metrics'],
  [/^(evaluators|evaluation-rules)(\/|$)/, 'evaluators'],
  [/^llm-connections(\/|$)/, 'connections to models'],
  [/^feedback$/, 'feedback on Langfuse'],
  [/^integrations(\/|$)/, 'integrations such as blob storage'],
  [/^projects(\/|$)/, 'management of projects, their keys and members'],
  [/^organizations(\/|$)/, 'organizations'],
  [/^scim(\/|$)/, 'users (SCIM)'],
  [/^slack(\/|$)/, 'integrations such as Slack'],
  [/^mcp(\/|$)/, 'an MCP server'],
  [/^(events|spans|generations)$/, 'the endpoints of clients before langfuse 2'],
  [/^unstable(\/|$)/, 'the unstable API (dashboards, evaluators)'],
];

export function missingHere(feature: string, where: string): HttpError {
  return new HttpError(
    501,
    `the local server does not have ${feature}: it stores traces, observations, scores, comments and media. Use a Langfuse server for ${where.slice(0, 200)}`,
  );
}

/** @throws HttpError 501 for a path of Langfuse's API without a route here. */
export function refuseMissing(pathname: string): void {
  const [, path = ''] = /^\/api\/public\/(?:v\d+\/)?(.*)$/.exec(pathname) ?? [];
  const feature = MISSING.find(([pattern]) => pattern.test(path))?.[1];
  if (feature !== undefined) throw missingHere(feature, pathname);
}
