/** Where a thread says in shared memory what it has done. */
export const BEGUN = 0;
export const HANDED_OVER = 1;
export const TOLD = 2;
