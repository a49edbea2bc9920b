/** The rules of the sample's model: one per topic. */
import type { Hit } from './handbook.js';
import type { Order, OrderItem, Parcel } from './shop.js';
import type { Refund } from './tools.js';

/** As in OpenAI's chat API. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | null;
  readonly tool_calls?: readonly ToolCall[];
  readonly tool_call_id?: string;
}

export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  /** The arguments are JSON. */
  readonly function: { readonly name: string; readonly arguments: string };
}

/** Starts the message with the passages from the handbook. */
export const HANDBOOK_HEADING = 'From the handbook:';

type Topic = 'refund' | 'shipping' | 'billing' | 'question' | 'thanks';

/** Tried in this order. */
const TOPICS: readonly (readonly [Topic, RegExp])[] = [
  ['refund', /refund|return|send back/i],
  ['shipping', /parcel|track|arrive|deliver/i],
  ['billing', /charged|invoice|paid/i],
  ['question', /\?/],
  ['thanks', /thank/i],
];

const ORDER_NUMBER = /\bM-\d{4}\b/g;

/** The input of the rules. */
interface Talk {
  readonly messages: readonly Message[];
  /** All messages of the customer. */
  readonly said: string;
  readonly orderNumber: string | undefined;
}

const RULES: Readonly<Record<Topic, (talk: Talk) => Message>> = {
  refund: (talk) => withOrder(talk, (order) => answerRefund(talk, order)),
  shipping: (talk) => withOrder(talk, (order) => answerShipping(talk, order)),
  billing: (talk) => handOver(talk, 'billing', 'a charge is disputed'),
  question: answerFromHandbook,
  thanks: () => say('You are welcome. Enjoy the hills!'),
};

export function decide(messages: readonly Message[]): Message {
  const said = messages.filter(({ role }) => role === 'user').map(({ content }) => content ?? '');
  const text = said.join('\n');
  const talk: Talk = { messages, said: text, orderNumber: text.match(ORDER_NUMBER)?.at(-1) };
  return RULES[topicOf(said)](talk);
}

export function summarizeTalk(messages: readonly Message[]): string {
  const said = messages.filter(({ role }) => role === 'user').map(({ content }) => content ?? '');
  const calls = messages.flatMap(({ tool_calls }) => tool_calls ?? []).map((call) => call.function.name);
  const used = calls.length === 0 ? 'no tools' : [...new Set(calls)].join(', ');
  return `The customer came about: ${topicOf(said.slice(0, 1))}. Turns: ${said.length}. Used: ${used}.`;
}

/** The topic of the latest message that has one: an answer may be just an order number. */
function topicOf(said: readonly string[]): Topic {
  for (const text of said.toReversed()) {
    const found = TOPICS.find(([, pattern]) => pattern.test(text));
    if (found !== undefined) return found[0];
  }
  return 'question';
}

function withOrder(talk: Talk, answer: (order: Order) => Message): Message {
  const { orderNumber } = talk;
  if (orderNumber === undefined) return say('Gladly. What is the number of your order? It begins with M-.');
  const lookup = resultOf<Order>(talk, 'lookup_order', { orderNumber });
  if (lookup === undefined) return call(talk, 'lookup_order', { orderNumber });
  if (lookup.error !== undefined) return say(`I find no order ${orderNumber}. Could you check the number?`);
  return answer(lookup.result);
}

function answerRefund(talk: Talk, order: Order): Message {
  const item = itemOf(talk, order);
  if (item === undefined) {
    return say(`Which article is it: ${order.items.map(({ name }) => name).join(', ')}?`);
  }
  const condition = conditionOf(talk);
  if (condition === undefined) return say(`Has the ${item.name} been used, or is it as new?`);
  const input = { orderNumber: order.number, sku: item.sku, condition };
  const refund = resultOf<Refund>(talk, 'calculate_refund', input);
  if (refund === undefined) return call(talk, 'calculate_refund', input);
  if (refund.error !== undefined) return handOver(talk, 'returns', refund.error);
  const { refundCents, reason } = refund.result;
  if (refundCents > 0) return say(`You get ${euros(refundCents)} back for the ${item.name} (${reason}).`);
  const warranty = passagesOf(talk).find(({ id }) => id === 'warranty');
  return say(`I cannot refund the ${item.name}: ${reason}. ${warranty?.text ?? ''}`.trim());
}

function answerShipping(talk: Talk, order: Order): Message {
  if (order.trackingNumber === undefined)
    return say(`Order ${order.number} is still with us: ${order.status}.`);
  const { trackingNumber } = order;
  const parcel = resultOf<Parcel>(talk, 'shipping_status', { trackingNumber });
  if (parcel === undefined) return call(talk, 'shipping_status', { trackingNumber });
  if (parcel.error !== undefined) {
    return say(
      `The carrier does not answer at the moment. When your parcel ${trackingNumber} left us, ${order.promisedInDays} days were promised; I will write as soon as I know more.`,
    );
  }
  const { lastScan, expectedInDays } = parcel.result;
  if (expectedInDays === 0) return say(`Your parcel ${trackingNumber} has arrived: ${lastScan}.`);
  return say(
    `Your parcel ${trackingNumber} was last seen at the ${lastScan}; expect it in ${expectedInDays} days.`,
  );
}

function answerFromHandbook(talk: Talk): Message {
  const [best] = passagesOf(talk);
  return best === undefined ? handOver(talk, 'sales', 'the handbook does not say') : say(best.text);
}

function handOver(talk: Talk, queue: string, reason: string): Message {
  const made = resultOf<{ answersWithinHours: number }>(talk, 'hand_over', { queue, reason });
  if (made === undefined) return call(talk, 'hand_over', { queue, reason });
  const hours = made.result?.answersWithinHours;
  return say(`I am passing this on to a colleague, who will write to you within ${hours} hours.`);
}

function itemOf({ said }: Talk, { items }: Order): OrderItem | undefined {
  return items.length === 1 ? items[0] : items.find(({ kind }) => said.toLowerCase().includes(kind));
}

function conditionOf({ said }: Talk): 'unused' | 'used' | undefined {
  if (/\bunused\b|\bas new\b/i.test(said)) return 'unused';
  return /\bused\b|\bwore\b|\bworn\b/i.test(said) ? 'used' : undefined;
}

function passagesOf({ messages }: Talk): Hit[] {
  const latest = messages.findLast(({ content }) => content?.startsWith(HANDBOOK_HEADING));
  return latest?.content ? JSON.parse(latest.content.slice(HANDBOOK_HEADING.length)) : [];
}

type ToolResult<T> =
  | { readonly result: T; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: string };

/** The result of a call; undefined if it has not been made. */
function resultOf<T>({ messages }: Talk, name: string, input: object): ToolResult<T> | undefined {
  const text = JSON.stringify(input);
  const made = messages
    .flatMap(({ tool_calls }) => tool_calls ?? [])
    .find((one) => one.function.name === name && one.function.arguments === text);
  const answer = made && messages.find(({ tool_call_id }) => tool_call_id === made.id);
  return answer?.content ? JSON.parse(answer.content) : undefined;
}

function call({ messages }: Talk, name: string, input: object): Message {
  const id = `call_${messages.flatMap(({ tool_calls }) => tool_calls ?? []).length + 1}`;
  const toolCall = { id, type: 'function', function: { name, arguments: JSON.stringify(input) } } as const;
  return { role: 'assistant', content: null, tool_calls: [toolCall] };
}

function say(content: string): Message {
  return { role: 'assistant', content };
}

function euros(cents: number): string {
  return `${(cents / 100).toFixed(2)} EUR`;
}
