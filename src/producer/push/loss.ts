/**
 * Hysteresis of loss, so that the application is notified once when events begin to be lost and once when that is over. While a
 * queue is nearly full, refused and accepted events alternate: that is one loss, not many.
 */
export interface LossState {
  /** Whether the application was notified that events are being lost, and not yet that this is over. */
  losing: boolean;
}

/** True: the loss has just begun. */
export function beginLoss(state: LossState): boolean {
  if (state.losing) return false;
  state.losing = true;
  return true;
}

/** `hasRoom`: at most half of the queue is in use. True: the loss has just ended. */
export function endLoss(state: LossState, hasRoom: boolean): boolean {
  if (!state.losing || !hasRoom) return false;
  state.losing = false;
  return true;
}
