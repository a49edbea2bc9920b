/**
 * Of undici just the client, from its single files: the whole brings fetch, web sockets, caches and mocks, another 100 ms
 * and 8 MB for a worker (measured), and half a megabyte in a bundle.
 */
import request from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

export { Agent, Pool, ProxyAgent, request };
