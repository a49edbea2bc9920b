/** How wrapped media are told from any other value on their way to the worker. */

/**
 * The member by which the worker knows a `TailraceMedia`: its value is a secret of the process, as whoever could make
 * an application trace such an object could else have any file of the machine uploaded.
 */
export const MEDIA_KEY = 'tailraceMedia';
