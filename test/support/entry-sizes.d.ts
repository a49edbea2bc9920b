/** All in bytes. */
export interface EntrySizes {
  readonly entry: string;
  readonly bytes: number;
  readonly compressed: number;
  readonly added: number;
}
export declare function measureSizes(): Promise<EntrySizes[]>;
export declare function sizesTable(rows: readonly EntrySizes[]): string;
/** Of the guide, in KB: file, compressed, added. */
export declare function writtenSizes(): { entry: string; kb: [number, number, number] }[];
