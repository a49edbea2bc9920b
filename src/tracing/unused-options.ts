/** Options of langfuse 3 that say nothing here: code that was written for it still compiles. */
export interface UnusedOptions {
  /** Not used: how long a batch is tried again is `retryWindowMs`. */
  fetchRetryCount?: number | undefined;
  /** Not used: the delay grows with each try, and heeds the server's Retry-After. */
  fetchRetryDelay?: number | undefined;
  /** Not used. */
  sdkIntegration?: string | undefined;
  /** Not used: events wait in shared memory. */
  persistence?: 'localStorage' | 'sessionStorage' | 'cookie' | 'memory' | undefined;
  /** Not used. */
  persistence_name?: string | undefined;
}
