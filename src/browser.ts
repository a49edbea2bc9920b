/** Public entry `tailrace/browser`: sends feedback of users from a page as scores. Nothing in it needs Node.js. */
export { TailraceFeedback } from './browser/feedback.js';
