/** What is used of @nats-io/transport-node and @nats-io/jetstream, in each of their versions from 3 on. */

export interface NatsPackage {
  connect(options: object): Promise<Connection>;
  headers(): MessageHeaders;
  /** A subject for answers. */
  createInbox(): string;
  credsAuthenticator(credentials: Uint8Array): Authenticator;
  nkeyAuthenticator(seed: Uint8Array): Authenticator;
}

/** Answers the server's nonce. Throws if the seed is none. */
export type Authenticator = (nonce?: string) => unknown;

export interface MessageHeaders extends Iterable<[name: string, values: string[]]> {
  /** Of a status that the server sends in place of a message. */
  readonly code: number;
  set(name: string, value: string): void;
}

export interface Connection {
  readonly info?: { readonly max_payload: number };
  /** Internals, for `unref` alone. */
  readonly protocol?: {
    readonly transport?: { readonly socket?: { unref?(): void } };
    readonly heartbeats?: { readonly timer?: { unref?(): void } };
  };
  publish(subject: string, body: string, options?: { readonly reply: string }): void;
  subscribe(subject: string, options: SubscribeOptions): Subscription;
  request(subject: string, body: string, options: { readonly timeout: number }): Promise<ReceivedMessage>;
  close(): Promise<void>;
}

interface SubscribeOptions {
  callback(error: Error | null, message: ReceivedMessage): void;
}

interface Subscription {
  requestSubject?: string;
  /** Resolves when it has ended, with its connection say. */
  readonly closed: Promise<unknown>;
  unsubscribe(): void;
}

export interface ReceivedMessage {
  readonly subject: string;
  readonly reply?: string;
  readonly headers?: MessageHeaders;
  readonly data: Uint8Array;
}

export interface JetStreamPackage {
  jetstream(connection: Connection, options: object): JetStreamPublisher;
  jetstreamManager(connection: Connection, options: object): Promise<JetStreamManager>;
}

interface JetStreamPublisher {
  publish(subject: string, body: Uint8Array, options: object): Promise<unknown>;
}

export interface JetStreamManager {
  readonly streams: {
    info(name: string): Promise<StreamState>;
    add(configuration: object): Promise<unknown>;
    purge(name: string, options: { readonly keep: number }): Promise<{ readonly purged: number }>;
    /** By number, or the next one with the subject from this number on. Null: there is none. */
    getMessage(
      name: string,
      query: { readonly seq: number; readonly next_by_subj?: string },
    ): Promise<StoredMessage | null>;
    deleteMessage(name: string, sequence: number, erase: boolean): Promise<boolean>;
  };
  readonly consumers: {
    info(stream: string, name: string): Promise<ConsumerState>;
    add(stream: string, configuration: object): Promise<unknown>;
    update(stream: string, name: string, configuration: object): Promise<unknown>;
  };
}

export interface StreamState {
  readonly config: { readonly discard?: string; readonly subjects?: readonly string[] };
  readonly state: {
    readonly messages: number;
    readonly first_seq: number;
    readonly last_seq: number;
    /** Of the oldest message, as RFC 3339 says. */
    readonly first_ts: string;
  };
}

export interface ConsumerState {
  readonly config: { readonly ack_wait?: number };
  /** Messages that nobody has taken. */
  readonly num_pending: number;
  /** Messages that somebody has taken and not acknowledged. */
  readonly num_ack_pending: number;
}

export interface StoredMessage {
  readonly seq: number;
  readonly header: MessageHeaders;
  readonly data: Uint8Array;
}
