/** Programs of LangChain and LangGraph with a fake model. A tracer is a callback handler, or nothing. */
import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { tool } from '@langchain/core/tools';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { z } from 'zod';
import { turn } from './turns.js';

const USAGE = { input_tokens: 2_000, output_tokens: 100, total_tokens: 2_100 };

class RecordedModel extends BaseChatModel {
  answer = '';
  model = 'gpt-4o';
  temperature = 0.2;

  _llmType() {
    return 'recorded';
  }

  async _generate() {
    const message = new AIMessage({ content: this.answer, usage_metadata: USAGE });
    return { generations: [{ text: this.answer, message }] };
  }
}

export const tracers = {
  floor: async () => {
    class Idle extends BaseCallbackHandler {
      name = 'idle';
      handleChainStart() {}
      handleChainEnd() {}
      handleChatModelStart() {}
      handleLLMEnd() {}
      handleToolStart() {}
      handleToolEnd() {}
    }
    return new Idle();
  },
  tailrace: async () => new (await import('../../dist/esm/langchain.js')).CallbackHandler(),
  langfuse: async () => new (await import('@langfuse/langchain')).CallbackHandler(),
};

const configOf = (handler) => (handler === undefined ? {} : { callbacks: [handler] });

/** prompt | model | parser */
export function chain(handler) {
  const model = new RecordedModel({});
  const prompt = ChatPromptTemplate.fromMessages([
    ['system', '{system}'],
    ['placeholder', '{history}'],
    ['human', '{question}'],
  ]);
  const pipeline = prompt.pipe(model).pipe(new StringOutputParser());
  const config = configOf(handler);
  return (i) => {
    const { answer, ...input } = turn(i);
    model.answer = answer;
    return pipeline.invoke(input, config);
  };
}

/** Three nodes, the second of which calls a tool. */
export function graph(handler) {
  const model = new RecordedModel({});
  const look = tool(async ({ id }) => `Reservation ${id} is for tomorrow.`, {
    name: 'look_up',
    description: 'Looks up a reservation.',
    schema: z.object({ id: z.string() }),
  });
  const ask = async ({ messages }, config) => ({ messages: [await model.invoke(messages, config)] });
  const lookUp = async (_, config) => ({
    messages: [new HumanMessage(await look.invoke({ id: 'ABC123' }, config))],
  });
  const app = new StateGraph(MessagesAnnotation)
    .addNode('plan', ask)
    .addNode('look', lookUp)
    .addNode('reply', ask)
    .addEdge(START, 'plan')
    .addEdge('plan', 'look')
    .addEdge('look', 'reply')
    .addEdge('reply', END)
    .compile();
  const config = configOf(handler);
  return (i) => {
    const { system, history, question, answer } = turn(i);
    model.answer = answer;
    const messages = [{ role: 'system', content: system }, ...history, { role: 'user', content: question }];
    return app.invoke({ messages }, config);
  };
}
