/** What a receiver has stored, by its read API. */

export interface StoredObservation {
  readonly id: string;
  readonly parentObservationId: string | null;
  readonly name: string;
  readonly [field: string]: unknown;
}

export interface StoredScore {
  readonly id: string;
  readonly name: string;
  readonly observationId: string | null;
  readonly [field: string]: unknown;
}

export interface StoredTrace {
  readonly id: string;
  readonly name: string;
  readonly observations: StoredObservation[];
  readonly scores: StoredScore[];
  readonly [field: string]: unknown;
}

const PAGE = 100;
const AUTHORIZATION = `Basic ${btoa('pk:sk')}`;

export async function storedTraces(url: string, query = ''): Promise<StoredTrace[]> {
  const ids = (await all(url, '/api/public/traces')).map(({ id }) => id);
  return Promise.all(
    ids.map((id) => get<StoredTrace>(`${url}/api/public/traces/${encodeURIComponent(id)}${query}`)),
  );
}

export async function storedTrace(url: string, id: string): Promise<StoredTrace> {
  return get(`${url}/api/public/traces/${id}`);
}

async function all(url: string, path: string): Promise<{ id: string }[]> {
  const data: { id: string }[] = [];
  for (let page = 1, pages = 1; page <= pages; page++) {
    const answer = await get<Page>(`${url}${path}?limit=${PAGE}&page=${page}`);
    data.push(...answer.data);
    pages = answer.meta.totalPages;
  }
  return data;
}

interface Page {
  readonly data: { id: string }[];
  readonly meta: { readonly totalPages: number };
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url, { headers: { authorization: AUTHORIZATION } });
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
