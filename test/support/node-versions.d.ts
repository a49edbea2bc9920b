export declare const NODE_VERSIONS: readonly string[];
/** The path of the binary. */
export declare function installNode(version: string): string;
/** Where it is kept, and what belongs to it. */
export declare function nodeFolder(version: string): string;
