/** Loads packages that an application may have installed, by `require`: bundlers leave that alone, and it works in the middle of a record. */
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Packages are resolved from this file, which a bundle does not have, and from the application's folder. */
const loaders = [() => import.meta.url, () => join(process.cwd(), 'application.js')].flatMap((location) => {
  try {
    return [createRequire(location())];
  } catch {
    return [];
  }
});

/** The loader that finds the package. Undefined: it is not installed. */
export function loaderOf(name: string): NodeJS.Require | undefined {
  return loaders.find((load) => {
    try {
      load.resolve(name);
      return true;
    } catch {
      return false;
    }
  });
}
