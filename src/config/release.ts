/** The commit that an application was built from, from the variables of hosting and CI platforms: a default of `release`. */
import type { Environment } from './settings.js';

/** As the documentation of each platform names them. */
const COMMIT_VARIABLES = [
  'VERCEL_GIT_COMMIT_SHA',
  'RENDER_GIT_COMMIT',
  'RAILWAY_GIT_COMMIT_SHA',
  'CF_PAGES_COMMIT_SHA',
  'COMMIT_REF', // Netlify
  'SOURCE_VERSION', // Heroku, at build time
  'HEROKU_SLUG_COMMIT',
  'GITHUB_SHA',
  'CI_COMMIT_SHA', // GitLab
  'CIRCLE_SHA1',
  'BITBUCKET_COMMIT',
  'BUILDKITE_COMMIT',
  'TRAVIS_COMMIT',
  'CODEBUILD_RESOLVED_SOURCE_VERSION',
  'BUILD_SOURCEVERSION', // Azure Pipelines
  'DRONE_COMMIT_SHA',
];

export function releaseOfPlatform(env: Environment): string | null {
  for (const variable of COMMIT_VARIABLES) {
    const commit = env[variable]?.trim();
    if (commit) return commit;
  }
  return null;
}
