/**
 * Of undici just the client: with it come fetch, web sockets, caches and mocks, which take a worker that boots another
 * 100 ms and 8 MB for as long as it lives (measured).
 */
// @ts-expect-error: undici has no types for its single files.
import request from 'undici/lib/api/api-request.js';
// @ts-expect-error: as above.
import agent from 'undici/lib/dispatcher/agent.js';

/** To be called with the agent as `this`. */
export const sendRequest: import('undici').Dispatcher['request'] = request;
export const Agent: typeof import('undici').Agent = agent;
export type Agent = import('undici').Agent;
