/** The first conversation: a support desk's agent, traced as most programs trace theirs. */
import { at, end, finish, flush, start, trace, traceIdOf, update, updateTrace } from './step-makers.js';
import type { Step } from './steps.js';

export function orderSteps(): Step[] {
  const messages = [
    { role: 'system', content: 'You are a support agent.' },
    { role: 'user', content: 'Where is my order A-17? 🙂 Größe: 5 €, 返品' },
  ];
  const reply = { role: 'assistant', content: 'It has shipped.' };
  return [
    trace('order', {
      id: traceIdOf(1),
      name: 'support',
      userId: 'user-7',
      sessionId: 'session-1',
      input: { question: messages[1]?.content },
      metadata: { channel: 'chat', shop: { country: 'DE', hours: { from: 8 } }, steps: [1, 2] },
      tags: ['support', 'chat'],
      version: 'v7',
      timestamp: at(0),
    }),
    start('desk-agent', 'agent', 'order', {
      startTime: at(10),
      input: { goal: 'answer' },
      metadata: { team: 'desk', limits: { steps: 8, budget: { usd: 0.5 } }, plan: 'a' },
    }),
    start('check-input', 'guardrail', 'desk-agent', { startTime: at(20), input: messages[1]?.content }),
    end('check-input', { output: { passed: true, reasons: [] }, endTime: at(30) }),
    start('plan', 'generation', 'desk-agent', {
      startTime: at(40),
      model: 'gpt-4o-mini',
      modelParameters: { temperature: 0.2, max_tokens: 256, stop: ['\n\n'], stream: true, seed: null },
      input: messages,
      prompt: { name: 'desk-planner', version: 3 },
      version: 'planner-b',
    }),
    { do: 'work', run: () => void messages.push(reply) },
    update('plan', { completionStartTime: at(90) }),
    end('plan', {
      output: { role: 'assistant', tool_calls: [{ name: 'orderStatus', arguments: '{"orderId":"A-17"}' }] },
      usageDetails: { input: 120, output: 18, cache_read_input_tokens: 64 },
      costDetails: { input: 0.00012, output: 0.00003, total: 0.00015 },
      endTime: at(200),
    }),
    start('search', 'retriever', 'desk-agent', { startTime: at(210), input: { query: 'order A-17', k: 2 } }),
    start('embed-query', 'embedding', 'search', {
      startTime: at(215),
      model: 'text-embedding-3-small',
      input: 'order A-17',
      usageDetails: { input: 8, total: 8 },
    }),
    end('embed-query', { output: [0.25, -0.5, 1e-7], endTime: at(230) }),
    start('cache-miss', 'event', 'search', { startTime: at(231), level: 'DEBUG', metadata: { key: 'faq' } }),
    update('search', {
      output: [
        { id: 'faq-7', score: 0.83 },
        { id: 'faq-9', score: null },
      ],
    }),
    update('search', { metadata: { hits: 2, index: { name: 'faq' } } }),
    update('search', { metadata: { index: { shards: 3 } }, level: 'DEFAULT' }),
    end('search', { endTime: at(250) }),
    updateTrace('order', { metadata: { shop: { hours: { to: 20 } }, steps: [3], attempt: 1 } }),
    start('order-status', 'tool', 'desk-agent', { startTime: at(260), input: { orderId: 'A-17' } }),
    start('retry', 'event', 'order-status', {
      startTime: at(270),
      level: 'WARNING',
      statusMessage: 'HTTP 503',
      input: { attempt: 1 },
      output: 'again',
    }),
    end('order-status', { level: 'ERROR', statusMessage: 'no such order: Größe', endTime: at(300) }),
    start('order-status-canary', 'tool', 'desk-agent', {
      startTime: at(310),
      version: 'tool-9',
      environment: 'sandbox',
      input: { orderId: 'A-18' },
    }),
    end('order-status-canary', { output: { status: 'shipped' }, endTime: at(340) }),
    flush,
    start('answer-chain', 'chain', 'desk-agent', { startTime: at(350), input: 'answer' }),
    start('compose', 'generation', 'answer-chain', {
      startTime: at(360),
      model: 'gpt-4o',
      input: [{ role: 'user', content: 'compose' }],
      usage: { promptTokens: 900, completionTokens: 40, totalTokens: 940 },
    }),
    update('compose', { name: 'compose', output: 'It has', completionStartTime: at(400) }),
    update('compose', { output: 'It has shipped.' }),
    end('compose', { endTime: at(600), metadata: { finish: 'stop' } }),
    start('translate', 'generation', 'answer-chain', {
      startTime: at(610),
      endTime: at(700),
      model: 'gpt-4o',
      output: { language: 'de', text: 'Ist unterwegs.' },
      usageDetails: {
        prompt_tokens: 50,
        completion_tokens: 10,
        total_tokens: 60,
        prompt_tokens_details: { cached_tokens: 20 },
        completion_tokens_details: { reasoning_tokens: 4 },
      },
    }),
    start('summarise', 'generation', 'answer-chain', {
      startTime: at(710),
      endTime: at(720),
      model: 'house-model',
      usage: {
        input: 1000,
        output: 20,
        unit: 'CHARACTERS',
        inputCost: 0.01,
        outputCost: 0.02,
        totalCost: 0.03,
      },
    }),
    end('answer-chain', { output: 'It has shipped.', endTime: at(730) }),
    start('judge', 'evaluator', 'desk-agent', { startTime: at(740), input: { answer: 'It has shipped.' } }),
    end('judge', { output: { faithful: 0.94 }, endTime: at(760) }),
    end('desk-agent', {
      output: 'It has shipped.',
      metadata: { limits: { steps: 9 }, plan: 'b', done: true },
      endTime: at(800),
    }),
    updateTrace('order', { output: { text: 'It has shipped.' }, tags: ['support', 'solved'] }),
    updateTrace('order', { name: 'support: order', public: true, userId: 'user-8', version: 'v8' }),
    flush,
    finish('order', at(800)),
    updateTrace('order', { metadata: { solved: true, channel: 'mail' }, sessionId: 'session-2' }),
    update('desk-agent', { metadata: { reviewed: true } }),
  ];
}
