/** A module that exports no function. */
export const mask = 'none';
