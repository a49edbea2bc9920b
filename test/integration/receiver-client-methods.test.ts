/** Every method of @langfuse/client's generated API classes against a receiver: an answer of the declared shape, or 501. */
import { createHash } from 'node:crypto';
import { LangfuseClient } from '@langfuse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as shape from '../support/langfuse-api.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { fill, iso } from '../support/receiver-data.js';
import { ingestionEvent } from '../unit/receiver/helpers.js';

type Api = LangfuseClient['api'];
// biome-ignore lint/suspicious/noExplicitAny: most of the methods here refuse whatever they are given
type Any = any;

let receiver: Receiver;
let langfuse: LangfuseClient;
beforeAll(async () => {
  receiver = await startReceiver({ port: 0 });
  await fill(receiver);
  langfuse = new LangfuseClient({ publicKey: 'pk-lf-test', secretKey: 'sk-lf-test', baseUrl: receiver.url });
});
afterAll(async () => {
  await langfuse.shutdown();
  await receiver.close();
});

const nothing = z.unknown();
const metrics = (view: string) => ({
  query: JSON.stringify({
    view,
    dimensions: [{ field: 'name' }],
    metrics: [
      { measure: 'count', aggregation: 'count' },
      { measure: 'latency', aggregation: 'p95' },
    ],
    filters: [
      { type: 'stringOptions', column: 'name', operator: 'any of', value: ['chat', 'answer', 'root'] },
    ],
    fromTimestamp: iso(0),
    toTimestamp: iso(10_000),
  }),
});

const content = Buffer.from('media');
const announcement = {
  traceId: 't1',
  contentType: 'text/plain' as const,
  contentLength: content.byteLength,
  sha256Hash: createHash('sha256').update(content).digest('base64'),
  field: 'input',
};

async function uploaded(api: Api): Promise<string> {
  const { mediaId, uploadUrl } = await api.media.getUploadUrl(announcement);
  if (uploadUrl !== null && uploadUrl !== undefined) {
    const headers = { 'content-type': 'text/plain', 'x-amz-checksum-sha256': announcement.sha256Hash };
    expect((await fetch(uploadUrl, { method: 'PUT', body: content, headers })).status).toBe(200);
  }
  await api.media.patch(mediaId, { uploadedAt: iso(0), uploadHttpStatus: 200 });
  return mediaId;
}

const newScore = { traceId: 't2', name: 'made', value: 1, metadata: { by: 'test' } };
const deletable = async (id: string) => {
  await langfuse.api.ingestion.batch({ batch: [ingestionEvent('trace-create', { id })] as Any });
  return id;
};

/** What the receiver has: method → a call with real arguments, and the shape of its answer. */
const answered: Record<string, [call: (api: Api) => PromiseLike<unknown>, answer: z.ZodType]> = {
  'trace.list': [
    (api) =>
      api.trace.list({ page: 1, limit: 2, tags: 'a', orderBy: 'timestamp.desc', fields: 'core,io,scores' }),
    shape.pageOf(shape.listedTrace),
  ],
  'trace.get': [(api) => api.trace.get('t1'), shape.trace],
  'trace.delete': [async (api) => api.trace.delete(await deletable('gone')), shape.message],
  'trace.deleteMultiple': [
    async (api) => api.trace.deleteMultiple({ traceIds: [await deletable('gone 2')] }),
    shape.message,
  ],
  'observations.getMany': [
    (api) =>
      api.observations.getMany({ limit: 3, traceId: 't1', type: 'GENERATION', fields: 'core,io,usage' }),
    shape.observationsV2('io', 'usage'),
  ],
  'legacy.observationsV1.getMany': [
    (api) => api.legacy.observationsV1.getMany({ page: 1, limit: 3, level: 'WARNING' }),
    shape.pageOf(shape.observation),
  ],
  'legacy.observationsV1.get': [(api) => api.legacy.observationsV1.get('o2'), shape.observation],
  'sessions.list': [
    (api) => api.sessions.list({ fromTimestamp: iso(-10_000), environment: ['prod'] }),
    shape.pageOf(shape.listedSession),
  ],
  'sessions.get': [(api) => api.sessions.get('s1'), shape.session],
  'scores.create': [(api) => api.scores.create(newScore), shape.created],
  'scores.getMany': [
    (api) => api.scores.getMany({ dataType: 'NUMERIC', operator: '>', value: 0, traceTags: ['a'] }),
    shape.pageOf(shape.listedScoreV2),
  ],
  'scores.getById': [(api) => api.scores.getById('numeric'), shape.scoreV2],
  'scoresV3.getManyV3': [
    (api) => api.scoresV3.getManyV3({ limit: 3, fields: 'details,subject' }),
    shape.scoresV3('details', 'subject'),
  ],
  'legacy.scoreV1.create': [(api) => api.legacy.scoreV1.create({ ...newScore, id: 'made' }), shape.created],
  'legacy.scoreV1.delete': [(api) => api.legacy.scoreV1.delete('made'), nothing],
  'metrics.metrics': [(api) => api.metrics.metrics(metrics('observations')), shape.metrics],
  'legacy.metricsV1.metrics': [(api) => api.legacy.metricsV1.metrics(metrics('traces')), shape.metrics],
  'models.list': [(api) => api.models.list({ page: 2, limit: 20 }), shape.pageOf(shape.model)],
  'models.get': [(api) => api.models.get('openai/gpt-4o'), shape.model],
  'media.getUploadUrl': [(api) => api.media.getUploadUrl(announcement), shape.mediaUpload],
  'media.patch': [uploaded, z.string()],
  'media.get': [async (api) => api.media.get(await uploaded(api)), shape.media],
  'projects.get': [(api) => api.projects.get(), shape.projects],
  'health.health': [(api) => api.health.health(), shape.health],
  'ingestion.batch': [
    (api) => api.ingestion.batch({ batch: [ingestionEvent('trace-create', { id: 'batched' })] as Any }),
    shape.ingestion,
  ],
  'opentelemetry.exportTraces': [
    (api) => api.opentelemetry.exportTraces({ resourceSpans: [] }),
    z.object({ partialSuccess: z.undefined().optional() }),
  ],
};

const query = { name: 'x' };
/** What it does not have: method → arguments. */
const missing: Record<string, unknown[]> = {
  'annotationQueues.listQueues': [query],
  'annotationQueues.createQueue': [query],
  'annotationQueues.getQueue': ['q'],
  'annotationQueues.listQueueItems': ['q', {}],
  'annotationQueues.getQueueItem': ['q', 'i'],
  'annotationQueues.createQueueItem': ['q', query],
  'annotationQueues.updateQueueItem': ['q', 'i', query],
  'annotationQueues.deleteQueueItem': ['q', 'i'],
  'annotationQueues.createQueueAssignment': ['q', query],
  'annotationQueues.deleteQueueAssignment': ['q', query],
  'blobStorageIntegrations.getBlobStorageIntegrations': [],
  'blobStorageIntegrations.upsertBlobStorageIntegration': [query],
  'blobStorageIntegrations.getBlobStorageIntegrationStatus': ['i'],
  'blobStorageIntegrations.deleteBlobStorageIntegration': ['i'],
  'datasetItems.create': [query],
  'datasetItems.get': ['i'],
  'datasetItems.list': [query],
  'datasetItems.delete': ['i'],
  'datasetRunItems.create': [query],
  'datasetRunItems.list': [{ datasetId: 'd', runName: 'r' }],
  'datasets.list': [{}],
  'datasets.get': ['d'],
  'datasets.create': [query],
  'datasets.getRun': ['d', 'r'],
  'datasets.deleteRun': ['d', 'r'],
  'datasets.getRuns': ['d', {}],
  'evaluationRules.create': [query],
  'evaluationRules.list': [{}],
  'evaluationRules.get': ['e'],
  'evaluationRules.update': ['e', query],
  'evaluationRules.delete': ['e'],
  'evaluators.create': [query],
  'evaluators.list': [{}],
  'evaluators.get': ['e'],
  'evaluators.update': ['e', query],
  'evaluators.delete': ['e'],
  'evaluators.listVersions': ['e', {}],
  'experiments.list': [{}],
  'experiments.listItems': [{ experimentId: 'e' }],
  'feedback.submit': [{ feedback: 'x' }],
  'llmConnections.list': [{}],
  'llmConnections.upsert': [query],
  'llmConnections.delete': ['c'],
  'models.create': [{ modelName: 'm', matchPattern: 'm' }],
  'models.upsert': ['m', { modelName: 'm', matchPattern: 'm' }],
  'models.delete': ['openai/gpt-4o'],
  'organizations.getOrganizationMemberships': [],
  'organizations.updateOrganizationMembership': [query],
  'organizations.deleteOrganizationMembership': [query],
  'organizations.getProjectMemberships': ['local'],
  'organizations.updateProjectMembership': ['local', query],
  'organizations.deleteProjectMembership': ['local', query],
  'organizations.getOrganizationProjects': [],
  'organizations.getOrganizationApiKeys': [],
  'projects.create': [query],
  'projects.update': ['local', query],
  'projects.delete': ['local'],
  'projects.getApiKeys': ['local'],
  'projects.createApiKey': ['local', {}],
  'projects.deleteApiKey': ['local', 'k'],
  'promptVersion.update': ['p', 1, { newLabels: [] }],
  'prompts.get': ['p', {}],
  'prompts.list': [{}],
  'prompts.create': [query],
  'prompts.delete': ['p', {}],
  'scim.getServiceProviderConfig': [],
  'scim.getResourceTypes': [],
  'scim.getSchemas': [],
  'scim.listUsers': [{}],
  'scim.createUser': [query],
  'scim.getUser': ['u'],
  'scim.deleteUser': ['u'],
  'scoreConfigs.create': [query],
  'scoreConfigs.get': [{}],
  'scoreConfigs.getById': ['c'],
  'scoreConfigs.update': ['c', query],
  'unstable.dashboardWidgets.list': [{}],
  'unstable.dashboardWidgets.create': [query],
  'unstable.dashboardWidgets.get': ['w'],
  'unstable.dashboardWidgets.update': ['w', query],
  'unstable.dashboardWidgets.delete': ['w'],
  'unstable.dashboards.list': [{}],
  'unstable.dashboards.create': [query],
  'unstable.dashboards.get': ['d'],
  'unstable.dashboards.update': ['d', query],
  'unstable.dashboards.delete': ['d'],
  'unstable.dashboards.addPlacement': ['d', query],
  'unstable.dashboards.updatePlacement': ['d', 'p', query],
  'unstable.dashboards.deletePlacement': ['d', 'p'],
};

/** Resources are getters of the class, methods are functions; names of helpers begin with an underscore. */
function methodsOf(object: object, path: string[] = []): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object))).flatMap(
    ([name, { get, value }]) => {
      if (name === 'constructor' || name.startsWith('_')) return [];
      if (get !== undefined) return methodsOf((object as Any)[name], [...path, name]);
      return typeof value === 'function' ? [[...path, name].join('.')] : [];
    },
  );
}

describe('methods of @langfuse/client', () => {
  it('are all called here', () => {
    // Comments have tests of their own.
    const methods = methodsOf(langfuse.api).filter((name) => !name.startsWith('comments.'));
    expect(methods.length).toBeGreaterThan(100);
    expect([...Object.keys(answered), ...Object.keys(missing)].sort()).toEqual(methods.sort());
  });

  it.each(Object.entries(answered))('%s answers in its declared shape', async (_name, [call, answer]) => {
    const result = answer.safeParse(await call(langfuse.api));
    expect(result.error?.issues).toBeUndefined();
  });

  it.each(Object.entries(missing))('%s is answered with 501', async (name, args) => {
    const path = name.split('.');
    const resource = path.slice(0, -1).reduce((object: Any, key) => object[key], langfuse.api);
    // The client repeats what ends in 5xx, with seconds between.
    const promise = resource[path.at(-1) as string](...args, { maxRetries: 0 });
    await expect(promise).rejects.toMatchObject({
      statusCode: 501,
      body: {
        error: 'NotImplementedError',
        message: expect.stringMatching(
          /^the local server does not have .+ Use a Langfuse server for \/api\//,
        ),
      },
    });
  });
});
