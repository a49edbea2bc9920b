/** Public entry `tailrace/browser`: sends feedback of users from a page as scores. Nothing in it needs Node.js. */
export type { TailraceFeedbackOptions } from './browser/destination.js';
export { type FeedbackResult, TailraceFeedback } from './browser/feedback.js';
export type { FeedbackScore } from './browser/score.js';
export type { FeedbackCode } from './browser/warn.js';
