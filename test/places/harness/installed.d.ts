export interface Packed {
  readonly tarball: string;
  readonly modules: string;
  remove(): void;
}

export function packPackage(): Packed;
