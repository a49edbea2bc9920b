/** The package's version, as servers are told it. A test holds it against package.json. */
export const VERSION = '0.1.0';
