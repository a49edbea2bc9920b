/**
 * What LangChain reads of a handler beside its hooks. The names are those of `BaseCallbackHandler` of `@langchain/core`, which this class
 * does not extend: LangChain takes any object with a `name`, its own `isBaseCallbackHandler` asks for members and not for the class, and
 * so one handler works with several versions and copies of LangChain in one process, and needs none of them to be loaded.
 */

/** How LangChain writes a component that cannot be made again from its text. */
export interface NotSerialized {
  lc: number;
  type: 'not_implemented';
  id: string[];
}

/** The members of LangChain's handlers that are not hooks. */
export abstract class HandlerBase {
  /** Shown by LangChain, for instance if a handler fails. */
  readonly name: string = 'TailraceCallbackHandler';
  /** LangChain waits for hooks of handlers with `true`, and puts those of others into a queue (see `CallbackHandlerOptions`). */
  awaitHandlers: boolean;
  /** Whether a failing hook fails the run: never. */
  raiseError = false;
  ignoreLLM = false;
  ignoreChain = false;
  ignoreAgent = false;
  ignoreRetriever = false;
  ignoreCustomEvent = true;
  lc_serializable = false;

  /** @internal */
  constructor(awaitHandlers: boolean) {
    this.awaitHandlers = awaitHandlers;
  }

  get lc_namespace(): ['langchain_core', 'callbacks', string] {
    return ['langchain_core', 'callbacks', this.name];
  }

  get lc_secrets(): undefined {
    return undefined;
  }

  get lc_attributes(): undefined {
    return undefined;
  }

  get lc_aliases(): undefined {
    return undefined;
  }

  get lc_serializable_keys(): undefined {
    return undefined;
  }

  get lc_id(): string[] {
    return [...this.lc_namespace, this.name];
  }

  /** The options hold keys: nothing of them shows. */
  get lc_kwargs(): Record<string, never> {
    return {};
  }

  /** The handler itself: the runs that it follows are its state. */
  copy(): this {
    return this;
  }

  toJSON(): NotSerialized {
    return { lc: 1, type: 'not_implemented', id: this.lc_id };
  }

  toJSONNotImplemented(): NotSerialized {
    return this.toJSON();
  }
}
