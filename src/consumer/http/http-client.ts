/**
 * The client of undici, imported from single files: the whole package brings fetch, web sockets, caches and mocks, which cost a
 * worker another 100 ms and 8 MB (measured) and a minified bundle 220 KB.
 */
import type { Dispatcher } from 'undici';
import connect from 'undici/lib/api/api-connect.js';
import request from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

/**
 * A pool with the method `connect`, for tunnels. The API calls are in separate files and take a dispatcher as `this`; undici's
 * main file makes them methods.
 */
class TunnelPool extends Pool {
  override connect: Dispatcher['connect'] = connect;
}

export { Agent, ProxyAgent, request, TunnelPool };
