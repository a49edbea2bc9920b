/**
 * Of undici just the client, from its single files: the whole brings fetch, web sockets, caches and mocks, another 100 ms
 * and 8 MB for a worker (measured), and 220 KB more in a minified bundle.
 */
import type { Dispatcher } from 'undici';
import connect from 'undici/lib/api/api-connect.js';
import request from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

/**
 * A pool that can be asked for a tunnel. The calls of the API are separate files, to be called with a dispatcher as
 * `this`; undici makes them methods where the whole of it is loaded.
 */
class TunnelPool extends Pool {
  override connect: Dispatcher['connect'] = connect;
}

export { Agent, ProxyAgent, request, TunnelPool };
