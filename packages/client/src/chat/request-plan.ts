import type { ModelProfile } from "@vllm/schema/core";
import type { LearnedFacts } from "../options/client-options.ts";
import {
  prepareRequest,
  type ChatMessage,
  type ChatParams,
  type PreparedRequest,
  type RecoverOptions,
} from "../request/index.ts";
import type { ChatWarning } from "../stream/warning.ts";

/** What is changed in a request before it is sent again. All absent: nothing. */
export interface Remedy {
  /** Fields of the body; an undefined one is not sent. */
  fields?: Readonly<Record<string, unknown>> | undefined;
  /** The request is prepared anew with them. */
  learned?: LearnedFacts | undefined;
  /** They follow those of the request. */
  messages?: readonly ChatMessage[] | undefined;
  /** An answer that goes on: these messages instead of the request's, and fields besides them. */
  continuation?: Continuation | undefined;
  warning?: ChatWarning | undefined;
  /** The warning says that there is an answer: it is told when there is one. */
  warnsWithAnswer?: boolean | undefined;
  /** How long to wait before, in ms. */
  delayMs?: number | undefined;
}

export interface Continuation {
  messages: readonly ChatMessage[];
  fields: Readonly<Record<string, unknown>>;
}

export interface RequestPlanOptions<Output> {
  params: ChatParams<Output>;
  profile: Partial<ModelProfile> | undefined;
  recover: RecoverOptions | undefined;
}

/** A request as its caller gave it, with all that was changed in it since. */
export class RequestPlan<Output> {
  profile: Partial<ModelProfile> | undefined;
  prepared: PreparedRequest<Output>;
  private params: ChatParams<Output>;
  private readonly recover: RecoverOptions | undefined;
  private readonly fields: Record<string, unknown> = {};
  private readonly ownWarnings: ChatWarning[] = [];

  /** @throws {VllmError} what `prepareRequest` throws */
  constructor({ params, profile, recover }: RequestPlanOptions<Output>) {
    this.params = params;
    this.profile = profile;
    this.recover = recover;
    this.prepared = this.prepare();
  }

  get body(): Readonly<Record<string, unknown>> {
    return { ...this.prepared.body, ...this.fields };
  }

  get messages(): readonly ChatMessage[] {
    return this.params.messages;
  }

  /** The body that a continuation would come to. */
  bodyWith({ messages, fields }: Continuation): Readonly<Record<string, unknown>> {
    return { ...this.prepare({ ...this.params, messages, ...fields }).body, ...this.fields, ...fields };
  }

  get warnings(): readonly ChatWarning[] {
    return [...this.prepared.warnings, ...this.ownWarnings];
  }

  /** True when calls in the answer's text become calls. */
  get findsCalls(): boolean {
    const { markup } = this.prepared;
    return markup !== undefined && markup.toolCallText && markup.tools.length > 0;
  }

  warn(warning: ChatWarning): void {
    this.ownWarnings.push(warning);
  }

  apply({ fields, learned, messages, continuation }: Remedy): void {
    if (fields !== undefined) Object.assign(this.fields, fields);
    if (learned !== undefined) this.profile = { ...this.profile, ...learned };
    if (messages !== undefined) this.params = { ...this.params, messages: [...this.params.messages, ...messages] };
    if (continuation !== undefined) {
      this.params = { ...this.params, ...continuation.fields, messages: continuation.messages };
      Object.assign(this.fields, continuation.fields);
    }
    if (learned !== undefined || messages !== undefined || continuation !== undefined) this.prepared = this.prepare();
  }

  private prepare(params = this.params): PreparedRequest<Output> {
    return prepareRequest(params, { profile: this.profile, recover: this.recover });
  }
}
