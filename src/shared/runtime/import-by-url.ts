/** Imports a module that the application names by its URL. The comment tells bundlers to leave the call as it is. */
export function importByUrl<M>(url: string): Promise<M> {
  return import(/* webpackIgnore: true, turbopackIgnore: true */ url);
}
