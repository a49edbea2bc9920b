/** The tools of the agent. Each works on the shop's data, and throws on failure. */
import type { Clock } from './clock.js';
import { ORDERS, type Order, type OrderItem, PARCELS } from './shop.js';

const RETURN_DAYS = 30;
/** The deduction for a used article. */
const USED_DEDUCTION_PERCENT = 15;
/** The promised response time of the colleagues. */
const ANSWERS_WITHIN_HOURS = 24;

const LATENCY_MS = {
  database: 85,
  calculation: 12,
  tickets: 150,
  carrier: 640,
  carrierTimeout: 2_000,
} as const;

type Arguments = Readonly<Record<string, unknown>>;
type Tool = (input: Arguments, clock: Clock) => unknown;

export const tools: Readonly<Record<string, Tool>> = {
  lookup_order({ orderNumber }, clock) {
    clock.pass(LATENCY_MS.database);
    return findOrder(orderNumber);
  },

  calculate_refund({ orderNumber, sku, condition }, clock) {
    clock.pass(LATENCY_MS.calculation);
    const order = findOrder(orderNumber);
    const item = order.items.find((one) => one.sku === sku);
    if (item === undefined) throw new Error(`order ${order.number} has no article ${sku}`);
    return refund(order, item, condition === 'used');
  },

  shipping_status({ trackingNumber }, clock) {
    const parcel = PARCELS.find((one) => one.trackingNumber === trackingNumber);
    if (parcel === undefined) throw new Error(`no parcel with the number ${trackingNumber}`);
    if (parcel.carrier === 'Slowmail') {
      clock.pass(LATENCY_MS.carrierTimeout);
      throw new Error(`Slowmail did not answer within ${LATENCY_MS.carrierTimeout} ms`);
    }
    clock.pass(LATENCY_MS.carrier);
    return parcel;
  },

  hand_over({ queue }, clock) {
    clock.pass(LATENCY_MS.tickets);
    return { queue, answersWithinHours: ANSWERS_WITHIN_HOURS };
  },
};

export interface Refund {
  readonly sku: string;
  readonly name: string;
  readonly priceCents: number;
  readonly deductionCents: number;
  readonly refundCents: number;
  readonly reason: string;
}

function refund(order: Order, item: OrderItem, isUsed: boolean): Refund {
  const { sku, name, priceCents } = item;
  const days = order.deliveredDaysAgo;
  const result = (refundCents: number, reason: string): Refund => {
    return { sku, name, priceCents, deductionCents: priceCents - refundCents, refundCents, reason };
  };
  if (item.excludedFromReturns) return result(0, 'the article is excluded from returns');
  if (days === undefined) return result(priceCents, 'the order has not been delivered yet');
  if (days > RETURN_DAYS) return result(0, `delivered ${days} days ago, more than ${RETURN_DAYS}`);
  if (!isUsed) return result(priceCents, `unused, delivered ${days} days ago`);
  const deduction = Math.round((priceCents * USED_DEDUCTION_PERCENT) / 100);
  return result(priceCents - deduction, `used, so less ${USED_DEDUCTION_PERCENT} %`);
}

function findOrder(number: unknown): Order {
  const order = ORDERS.find((one) => one.number === number);
  if (order === undefined) throw new Error(`no order with the number ${number}`);
  return order;
}
