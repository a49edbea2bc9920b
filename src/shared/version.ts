/** The package's version, which servers get. A test compares it with package.json. */
export const VERSION = '0.1.0';
