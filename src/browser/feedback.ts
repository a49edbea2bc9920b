/** Feedback of users, sent as scores. */
export class TailraceFeedback {}
