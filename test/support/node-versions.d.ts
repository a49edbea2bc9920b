export declare const NODE_VERSIONS: readonly string[];
/** The path of the binary. */
export declare function installNode(version: string): string;
/** The same, while the process does other things. */
export declare function installNodeMeanwhile(version: string): Promise<string>;
/** Where it is kept, and what belongs to it. */
export declare function nodeFolder(version: string): string;
