/** What is measured: programs with and without a tracer, and on which Node.js they run. */

/** `node`: a version, if the packages need another than the one of the benchmark. */
export const PROGRAMS = {
  'LangChain: prompt, model, parser': { module: 'langchain', program: 'chain' },
  'LangGraph: three nodes with a tool': { module: 'langchain', program: 'graph' },
  'openai 7: chat completion': {
    module: 'openai',
    program: 'chat',
    name: 'openai-7',
    node: '24',
  },
  'openai 7: stream of 200 chunks': {
    module: 'openai',
    program: 'stream',
    name: 'openai-7',
    node: '24',
  },
  'AI SDK 7: generateText with a tool': { module: 'ai-sdk', program: 'generate', node: '24' },
  'AI SDK 7: streamText of 200 chunks': { module: 'ai-sdk', program: 'stream', node: '24' },
};

/** No tracer: what all others are measured above. */
export const NOTHING = 'nothing';
/** Hooks that do nothing: what the library takes to call any. */
export const FLOOR = 'floor';
/** With its defaults, which do not compress to this machine, as Langfuse's never do; and as it sends to a remote server. */
export const OURS = 'tailrace';
export const OURS_GZIP = 'tailrace, gzip';
export const THEIRS = 'langfuse';

export const SUBJECTS = [NOTHING, FLOOR, OURS, OURS_GZIP, THEIRS];

/** OpenAI's package has no hooks. */
export function subjectsOf({ module }) {
  return module === 'openai' ? SUBJECTS.filter((subject) => subject !== FLOOR) : SUBJECTS;
}
