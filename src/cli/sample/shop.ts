/** The back office of Marrowfell Outfitters, a shop that does not exist: its orders and its carriers' parcels. */

export interface OrderItem {
  readonly sku: string;
  readonly name: string;
  /** The name that customers use. */
  readonly kind: string;
  readonly priceCents: number;
  /** Gas and food cannot be returned. */
  readonly excludedFromReturns?: boolean;
}

export interface Order {
  readonly number: string;
  readonly customerId: string;
  readonly status: 'packing' | 'shipped' | 'delivered';
  readonly items: readonly OrderItem[];
  /** Undefined until it is shipped. */
  readonly trackingNumber?: string;
  /** Undefined until it is delivered. */
  readonly deliveredDaysAgo?: number;
  readonly promisedInDays: number;
}

export interface Parcel {
  readonly trackingNumber: string;
  readonly carrier: 'Kitefoot Parcels' | 'Slowmail';
  readonly lastScan: string;
  readonly expectedInDays: number;
}

const pack = { sku: 'MF-P45', name: 'Ridgeline 45 pack', kind: 'backpack', priceCents: 13_900 };
const boots = { sku: 'MF-B07', name: 'Scree hiking boots', kind: 'boots', priceCents: 18_500 };
const tent = { sku: 'MF-T2', name: 'Lantern two-person tent', kind: 'tent', priceCents: 32_900 };
const stove = { sku: 'MF-S1', name: 'Thimble gas stove', kind: 'stove', priceCents: 5_450 };
const gas = {
  sku: 'MF-G230',
  name: 'Gas canister 230 g',
  kind: 'canister',
  priceCents: 695,
  excludedFromReturns: true,
};
const jacket = { sku: 'MF-J3', name: 'Eider down jacket', kind: 'jacket', priceCents: 24_900 };
const rope = { sku: 'MF-R60', name: 'Belay rope 60 m', kind: 'rope', priceCents: 15_900 };

export const ORDERS: readonly Order[] = [
  order('M-1042', 'customer-01', 'delivered', [pack], { deliveredDaysAgo: 6 }),
  order('M-1057', 'customer-02', 'shipped', [tent], { trackingNumber: 'KF-88120' }),
  order('M-1063', 'customer-03', 'shipped', [rope], { trackingNumber: 'SM-40017' }),
  order('M-1071', 'customer-04', 'delivered', [jacket], { deliveredDaysAgo: 1, trackingNumber: 'KF-88093' }),
  order('M-1080', 'customer-05', 'packing', [boots, gas], {}),
  order('M-1088', 'customer-06', 'delivered', [boots], { deliveredDaysAgo: 19 }),
  order('M-1015', 'customer-07', 'delivered', [stove, gas, tent], { deliveredDaysAgo: 48 }),
  order('M-1091', 'customer-08', 'delivered', [stove, gas], { deliveredDaysAgo: 3 }),
];

export const PARCELS: readonly Parcel[] = [
  { trackingNumber: 'KF-88120', carrier: 'Kitefoot Parcels', lastScan: 'regional depot', expectedInDays: 2 },
  { trackingNumber: 'KF-88093', carrier: 'Kitefoot Parcels', lastScan: 'handed over', expectedInDays: 0 },
  { trackingNumber: 'SM-40017', carrier: 'Slowmail', lastScan: 'origin depot', expectedInDays: 4 },
];

function order(
  number: string,
  customerId: string,
  status: Order['status'],
  items: readonly OrderItem[],
  delivery: Pick<Order, 'trackingNumber' | 'deliveredDaysAgo'>,
): Order {
  return { number, customerId, status, items, promisedInDays: 3, ...delivery };
}
