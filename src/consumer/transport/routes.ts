/**
 * Which endpoint a request goes to next, where it has several. It takes the first one that works, which is one whose circuit is
 * closed. An endpoint before that one gets a request now and then as a probe, by the back-off of its circuit: so requests come
 * back to it when it has recovered. If no endpoint works, the request waits for the probes of all of them.
 */
import * as circuits from './circuit-breaker.js';
import type { PendingRequest, Route } from './pending-request.js';

const NEVER = (): boolean => false;

/** The route that the request may take now; undefined: it waits. */
export function openRoute(pending: PendingRequest, now: number): Route | undefined {
  const { routes, deadline, queue } = pending;
  if (routes.length === 1) return isOnlyOpen(pending, now) ? pending.route : undefined;
  const working = workingRoute(pending);
  for (const route of routes) {
    if (isPassed(route, working)) continue;
    if (now >= route.notBefore && mayTake(route, working, pending, now)) return route;
    // An endpoint that works is waited for, say while it takes few requests after an outage.
    if (route === working) break;
  }
  if (now < deadline) return undefined;
  if (working !== undefined) return working;
  const triedAt = ({ circuit }: Route): number => circuits.nextTryAt(circuit, queue.isUrgent);
  return routes.reduce((best, one) => (triedAt(one) < triedAt(best) ? one : best));
}

function isOnlyOpen(pending: PendingRequest, now: number): boolean {
  const { route, queue, deadline } = pending;
  if (now >= deadline) return true;
  return now >= route.notBefore && circuits.mayBegin(route.circuit, pending, queue.isUrgent, now);
}

function mayTake(
  { circuit }: Route,
  working: Route | undefined,
  pending: PendingRequest,
  now: number,
): boolean {
  const { isUrgent } = pending.queue;
  if (working === undefined || working.circuit === circuit) {
    return circuits.mayBegin(circuit, pending, isUrgent, now);
  }
  return circuits.mayBegin(circuit, pending, NEVER, now) && mayProbe(circuit, isUrgent);
}

/** A flush does not wait for an endpoint that may give no answer while another one would take the request. */
function mayProbe({ isSlow }: circuits.Circuit, isUrgent: () => boolean): boolean {
  return !isSlow || !isUrgent();
}

/** The earliest time at which the clock alone opens a route. */
export function nextRouteAt(pending: PendingRequest): number {
  const { routes, queue } = pending;
  const { isUrgent } = queue;
  const working = workingRoute(pending);
  let at = Number.POSITIVE_INFINITY;
  for (const route of routes) {
    if (isPassed(route, working)) continue;
    const { circuit, notBefore } = route;
    const isProbe = working !== undefined && route !== working;
    if (isProbe && !mayProbe(circuit, isUrgent)) continue;
    at = Math.min(at, Math.max(notBefore, circuits.nextTryAt(circuit, isProbe ? NEVER : isUrgent)));
    if (route === working) break;
  }
  return at;
}

/** After a refusal: another endpoint, which works and may take the request at once. */
export function otherRoute(pending: PendingRequest, now: number): Route | undefined {
  if (pending.routes.length === 1) return undefined;
  const working = workingRoute(pending);
  return working !== undefined && working !== pending.route && now >= working.notBefore ? working : undefined;
}

/** Whether the address or the credentials of each other endpoint are wrong as well. */
export function isLastHope({ routes, route }: PendingRequest): boolean {
  return routes.every(
    (one) => one === route || (circuits.isOpen(one.circuit) && one.circuit.isMisconfigured),
  );
}

/** The first that works, and preferably one that has not left this request without an answer. */
function workingRoute({ routes }: PendingRequest): Route | undefined {
  const working = routes.filter(({ circuit }) => !circuits.isOpen(circuit));
  return working.find(({ isAvoided }) => !isAvoided) ?? working[0];
}

/** An endpoint that works needs no probe. */
function isPassed(route: Route, working: Route | undefined): boolean {
  return route !== working && !circuits.isOpen(route.circuit);
}
