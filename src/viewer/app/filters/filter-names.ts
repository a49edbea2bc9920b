/** How filters read for people. */

import { duration } from '../ui/format.js';

export const LABELS: Record<string, string> = {
  q: 'Text',
  from: 'From',
  to: 'Until',
  status: 'Status message',
  score: 'Score',
  scored: 'Scored',
  unscored: 'Without score',
  feedback: 'Feedback',
  metadata: 'Metadata',
  name: 'Name',
  level: 'Level',
  type: 'Observation type',
  model: 'Model',
  tag: 'Tag',
  user: 'User',
  session: 'Session',
  environment: 'Environment',
  release: 'Release',
  version: 'Version',
  tool: 'Tool',
  failedTool: 'Failed tool',
  duration: 'Duration (s)',
  tokens: 'Tokens',
  cost: 'Cost ($)',
  minDuration: 'Duration from',
  maxDuration: 'Duration up to',
  minTokens: 'Tokens from',
  maxTokens: 'Tokens up to',
  minCost: 'Cost from',
  maxCost: 'Cost up to',
};

/** The value of a filter as a chip shows it. */
export function readableValue(name: string, value: string): string {
  if (name === 'from' || name === 'to') {
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? value : date.toLocaleString();
  }
  if (name.endsWith('Duration')) return duration(Number(value) * 1e6);
  if (name.endsWith('Cost')) return `$${value}`;
  if (name === 'score')
    return value
      .replace(/(<=|>=|=|<|>)/, ' $1 ')
      .replace('<=', '≤')
      .replace('>=', '≥');
  return value;
}
