/** Parts of Langfuse's public API that this receiver does not have: the answer says which, so that nobody looks for a typo. */

import { HttpError } from './requests.js';

/** The first part of the path → what is missing. */
const missing: Record<string, string> = {
  prompts: 'prompts',
  datasets: 'datasets',
  'dataset-items': 'datasets',
  'dataset-run-items': 'datasets',
  experiments: 'experiments',
  'experiment-items': 'experiments',
  comments: 'comments',
  models: 'model definitions',
  'score-configs': 'score configs',
  'annotation-queues': 'annotation queues',
  metrics: 'metrics queries',
  'llm-connections': 'connections to models',
  feedback: 'feedback forms',
  integrations: 'integrations',
  organizations: 'organizations',
  scim: 'users',
  slack: 'integrations',
  mcp: 'an MCP server',
  unstable: 'the unstable API (evaluators, dashboards)',
};

/** 404, not 501: Langfuse's clients repeat a request that ends in 5xx. */
export function refuseMissing(pathname: string): void {
  const [, part = ''] = /^\/api\/public\/(?:v\d+\/)?([^/]+)/.exec(pathname) ?? [];
  if (!Object.hasOwn(missing, part)) return;
  throw new HttpError(
    404,
    `the local receiver has no ${missing[part]}: it stores traces, observations, scores and media. Use a Langfuse server for ${pathname.slice(0, 200)}`,
  );
}
