/** Why a request is refused as a whole, and by which status a server says so. */

/** What the keys of a request allow. `scores`: only to create scores. `project`: everything. */
export type Access = 'project' | 'scores';

/** An error that the client caused. Its message is sent to the client. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, headers: Record<string, string> = {}, cause?: unknown) {
    super(message, { cause });
    this.status = status;
    this.headers = headers;
  }
}
