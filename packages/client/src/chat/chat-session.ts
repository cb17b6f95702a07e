import { aborted } from "@vllm/schema/internal";
import { displayUrl, VllmError, type PartialAnswer } from "@vllm/schema/core";
import { checkChatOptions } from "../options/check-options.ts";
import { askAgain } from "../broken-calls/ask-again.ts";
import { brokenCallError, brokenCallRetried } from "../broken-calls/broken-call-error.ts";
import { CALL_TRUNCATED, isCutByRequest, withoutTruncatedCalls } from "../broken-calls/truncated-call.ts";
import { findBrokenCall, type BrokenCall } from "../broken-calls/find-broken-call.ts";
import { HeldCalls } from "../broken-calls/held-calls.ts";
import { sumUsage } from "../broken-calls/sum-usage.ts";
import type { BrokenCalls, ChatOptions } from "../options/client-options.ts";
import { mergeTimeouts, type Connection } from "../connection/connection.ts";
import { toResponseFacts, toResponseInfo } from "../connection/response-info.ts";
import { errorFromReading, report } from "@vllm/transport/internal";
import {
  endedEarly,
  endedWithoutReason,
  noExpectedChoice,
  reportedFailure,
  type StreamContext,
} from "../errors/stream-errors.ts";
import { callbackThrew, schemaThrew, unexpected } from "../errors/program-errors.ts";
import { explainRefusal } from "../errors/explain-refusal.ts";
import { parseOutput } from "../schemas/index.ts";
import type { MarkupReader } from "../leaked-markup/index.ts";
import type { MarkupReaderOptions } from "../leaked-markup/markup-reader-options.ts";
import type { LargeIntegers } from "../repairs/large-integers.ts";
import { withModel, type ChatParams, type PreparedRequest, type RecoverOptions } from "../request/index.ts";
import {
  ChatMachine,
  type ChunksEnding,
  type EventReceiver,
  type MachineAnswer,
  type Told,
} from "../stream/chat-machine.ts";
import { limitInForce, toAskedOutput } from "../stream/output-limited.ts";
import { tapChunks } from "../stream/tap-chunks.ts";
import { findProfile, type ProfileSource } from "../options/profile-source.ts";
import type { ChatEvent } from "../stream/events.ts";
import type { ChatWarning } from "../stream/warning.ts";
import type { ChatResult } from "../stream/result.ts";
import type { WireChunk, WireUsage } from "../stream/wire-chunk.ts";
import type { ResponseHead } from "@vllm/transport/internal";
import type { AttemptOutcome } from "../answer/answer-reader.ts";
import type { VllmChatCompletionChunk } from "../stream/raw-chunk.ts";
import type { OtherRoutes } from "../routes/other-routes.ts";
import { Attempt } from "./attempt.ts";
import { wait } from "./wait.ts";
import { Resumption } from "../resume/resumption.ts";
import { toResumeWait, type ResumeOption } from "../resume/resume-option.ts";
import { postJson } from "../connection/request-json.ts";
import { Lifetime } from "./lifetime.ts";
import { RequestPlan, type Remedy } from "./request-plan.ts";
import { reportRetry } from "./report-retry.ts";
import { toRequestHeaders } from "./request-headers.ts";
import { Retries, type FailedAttempt } from "./retry-rules.ts";

/** What a session tells its reply. After `onResult` or `onFailure` nothing more comes. */
export interface SessionListener<Output> {
  /** True once nobody holds the reply or waits for it any more. */
  readonly isForgotten: boolean;
  onEvent(event: ChatEvent<Output>): void;
  /** So many bytes of the stream have come; their events were told. */
  onRead(bytes: number): void;
  /** Every chunk as it came, for those who asked for them. */
  onRawChunk(chunk: WireChunk): void;
  onResult(result: ChatResult<Output>): void;
  onFailure(error: VllmError): void;
}

export interface SessionOptions<Output> {
  connection: Connection;
  /** Answers of other routes that make a request or an error better. */
  otherRoutes: OtherRoutes;
  params: ChatParams<Output>;
  /** The client's, for requests that name none. */
  model: string | undefined;
  options: ChatOptions;
  /** The client's, for requests that bring none. */
  profile: ProfileSource | undefined;
  recover: RecoverOptions | undefined;
  /** The client's, for requests that do not say. */
  brokenCalls: BrokenCalls;
  /** The client's, for requests that do not say. */
  largeIntegers: LargeIntegers | undefined;
  /** The client's, for requests that do not say. */
  resume: ResumeOption | undefined;
  fitMaxTokens: boolean;
  listener: SessionListener<Output>;
}

type FailedOutcome = Extract<AttemptOutcome, { type: "failed" }>;
type RefusedOutcome = Extract<AttemptOutcome, { type: "refused" }>;

/** For the tokenizer, with a prompt that may be long. */
const COUNT_MS = 15_000;

type CallbackName = "onLearned" | "onResponse" | "onRawChunk";

/** One chat request from its parameters to its one end: prepares, sends, sends again, watches the clock, reports. */
export class ChatSession<Output> {
  /** Set before {@link hasBegun} by those who want every chunk. */
  wantsRawChunks = false;
  hasBegun = false;
  private readonly given: SessionOptions<Output>;
  private readonly url: string;
  private machine: ChatMachine | undefined;
  /** Of a server that went away before the answer had any text. */
  private abandoned: ChatMachine | undefined;
  private attempt: Attempt | undefined;
  /** Of the attempt that is under way, or was the last one. */
  private head: ResponseHead | undefined;
  private isPaused = false;
  private readonly told: Told = { hasStarted: false, blocks: 0, warnings: [] };
  private readonly retries = new Retries();
  /** Set when calls are handed over only once it is known that they are whole. */
  private heldCalls: HeldCalls | undefined;
  private hasAskedAgain = false;
  /** Broken calls are asked for again. */
  private retriesCalls = false;
  /** Set when an answer may go on elsewhere. */
  private resumption: Resumption | undefined;
  /** Told as soon as there is an answer. */
  private warningOfAnswer: ChatWarning | undefined;
  /** What the next attempt goes on with. */
  private continues: ChatMachine | undefined;
  /** Of the latest attempt: a router gives other questions about it to the same server. */
  private affinity: Pick<PreparedRequest, "headers" | "echo"> = { headers: {} };
  /** Of the answers that were asked for before. */
  private usageBefore: WireUsage | undefined;
  /** Ends whatever the session is waiting for when it is stopped. */
  private readonly lifetime = new Lifetime();

  constructor(given: SessionOptions<Output>) {
    this.given = given;
    this.url = `${given.connection.apiRoot}/chat/completions`;
  }

  async run(): Promise<void> {
    this.hasBegun = true;
    try {
      if (this.isOver) return;
      const { options, brokenCalls, listener } = this.given;
      checkChatOptions(options);
      this.retriesCalls = (options.brokenCalls ?? brokenCalls) === "retry";
      this.resumption = this.createResumption();
      if (this.retriesCalls || this.resumption !== undefined) this.heldCalls = new HeldCalls(listener as EventReceiver);
      this.follow(options.signal);
      if (this.isOver) return;
      await this.answer();
    } catch (error) {
      // Once the request is on its way, what goes wrong is the answer's fault.
      if (this.attempt?.isSent === true) this.fail(errorFromReading(error, this.streamContext()));
      else this.fail(VllmError.isInstance(error) ? error : unexpected(error));
    }
  }

  private createResumption(): Resumption | undefined {
    const { options, connection, resume: ownResume } = this.given;
    const waitMs = toResumeWait(options.resume ?? ownResume);
    if (waitMs === undefined) return undefined;
    const { lifetime } = this;
    return new Resumption({
      waitMs,
      lifetime,
      onWait: (warning) => {
        report(connection.logger, "warn", `POST ${displayUrl(this.url)}: ${warning.message}`);
        this.tell(warning);
      },
      post: async (path, body) => {
        const { headers } = await toRequestHeaders(connection, this.affinity, options);
        const { signal } = lifetime;
        return postJson(connection, path, body, { headers, signal, timeoutMs: COUNT_MS });
      },
    });
  }

  abort(reason?: unknown): void {
    this.fail(aborted(reason));
  }

  private follow(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    if (signal.aborted) {
      this.abort(signal.reason);
      return;
    }
    const onAbort = () => this.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.lifetime.onEnd(() => signal.removeEventListener("abort", onAbort));
  }

  /** The reader cannot keep up: the server has to wait. */
  pause(): void {
    if (this.isOver) return;
    this.isPaused = true;
    this.attempt?.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.attempt?.resume();
  }

  private async answer(): Promise<void> {
    const { params, model: ownModel, recover, otherRoutes } = this.given;
    const asked = withModel(params, ownModel);
    const source = this.given.options.profile ?? this.given.profile;
    const isFunction = typeof source === "function";
    const profile = isFunction ? await findProfile(source, asked, () => otherRoutes.findOnlyModel()) : source;
    if (this.isOver) return;
    const plan = new RequestPlan({ params: asked, profile, recover });
    const hasFoundModel = typeof plan.body["model"] !== "string" || plan.body["model"] === "";
    if (hasFoundModel) {
      const model = await otherRoutes.findOnlyModel();
      if (this.isOver) return;
      plan.apply({ fields: { model } });
    }
    for (;;) {
      const { body } = plan;
      const { markup } = plan.prepared;
      const createReader = markup === undefined ? undefined : await loadMarkupReader(markup);
      if (this.isOver) return;
      const machine = this.createMachine(plan, body, createReader);
      this.machine = machine;
      const sent = await this.send(machine, plan);
      const outcome = sent.type === "refused" ? await explained(sent) : sent;
      if (this.isOver) return;
      const failure = this.toFailure(outcome, machine);
      const remedy =
        failure === undefined
          ? await this.finish(machine, plan)
          : await this.remedyFor(failure, plan, {
              body,
              hasFoundModel,
              hasContent: machine.hasContent,
              waitedMs: this.attempt?.waitedMs ?? 0,
            });
      if (this.isOver || remedy === undefined) return;
      reportRetry(this.given.connection.logger, this.url, { remedy, error: failure?.error });
      this.apply(remedy, plan);
      if (remedy.delayMs !== undefined) await wait(remedy.delayMs, this.lifetime);
      if (this.isOver) return;
    }
  }

  /** Undefined for an answer that is whole. */
  private toFailure(outcome: Exclude<AttemptOutcome, RefusedOutcome>, machine: ChatMachine): FailedOutcome | undefined {
    // With its finish reason the answer is whole: what the connection does afterwards can cost no more than the usage.
    if (outcome.type === "failed" && !(isConnectionLoss(outcome.error) && machine.isFinished)) return outcome;
    const { ending } = machine;
    if (ending === "answered") return undefined;
    return { type: "failed", error: this.unanswered(machine, ending), hadBytes: true, wasStale: false };
  }

  private unanswered(machine: ChatMachine, ending: Exclude<ChunksEnding, "answered">): VllmError {
    const context = this.streamContext();
    if (machine.isOfOtherChoices) return noExpectedChoice(context);
    if (ending !== "unfinished") return reportedFailure(context, ending.failed);
    return machine.isOver ? endedWithoutReason(context) : endedEarly(context);
  }

  private apply(remedy: Remedy, plan: RequestPlan<Output>): void {
    const { learned, warning, warnsWithAnswer } = remedy;
    plan.apply(remedy);
    if (warnsWithAnswer === true) this.warningOfAnswer = warning;
    else if (warning !== undefined) this.warn(warning, plan);
    if (learned !== undefined) this.call("onLearned", learned);
  }

  private warn(warning: ChatWarning, plan: RequestPlan<Output>): void {
    plan.warn(warning);
    this.tell(warning);
  }

  /** Nothing comes before `start`: until then a warning waits for the next answer. */
  private tell(warning: ChatWarning): void {
    if (!this.told.hasStarted) return;
    this.told.warnings.push(warning);
    this.given.listener.onEvent({ type: "warning", warning });
  }

  /** Hands something to a function of the caller's. */
  private call<Name extends CallbackName>(name: Name, value: Parameters<NonNullable<ChatOptions[Name]>>[0]): void {
    try {
      (this.given.options[name] as ((given: typeof value) => void) | undefined)?.(value);
    } catch (cause) {
      this.fail(callbackThrew(name, cause));
    }
  }

  /** Ends the request when there is none. */
  private async remedyFor(
    { error, hadBytes, wasStale }: FailedOutcome,
    plan: RequestPlan<Output>,
    sent: Pick<FailedAttempt, "body" | "hasFoundModel" | "hasContent" | "waitedMs">,
  ): Promise<Remedy | undefined> {
    const { otherRoutes, connection, fitMaxTokens } = this.given;
    const { profile, findsCalls } = plan;
    if (this.machine !== undefined) this.resumption?.noteFailure(error, this.machine, plan);
    let explained: Promise<VllmError> | undefined;
    const explain = () => (explained ??= otherRoutes.explain(error, sent.body, this.lifetime.signal));
    const remedy = await this.retries.findRemedy({
      ...sent,
      error,
      hadBytes,
      wasStale,
      profile,
      findsCalls,
      settings: {
        maxRetries: connection.maxRetries,
        maxElsewhere: connection.maxElsewhere,
        fitMaxTokens,
        plainHistory: this.retriesCalls,
      },
      explain,
      findModelAgain: () => otherRoutes.findOnlyModel({ isStale: true }),
    });
    if (remedy !== undefined || this.isOver) return remedy;
    const resumed = await this.resumed(error, plan);
    if (this.isOver) return undefined;
    if (resumed === "completed" && this.machine !== undefined) return this.finish(this.machine, plan);
    if (resumed === undefined || resumed === "completed") this.fail(await explain());
    else if (VllmError.isInstance(resumed)) this.fail(resumed);
    else return resumed;
    return undefined;
  }

  /** How an answer goes on whose server went away. */
  private async resumed(
    error: VllmError,
    plan: RequestPlan<Output>,
  ): Promise<Remedy | "completed" | VllmError | undefined> {
    const { machine, resumption } = this;
    if (machine === undefined || resumption === undefined || this.wantsRawChunks) return undefined;
    const found = await resumption.findAnswer(error, machine, plan, this.head?.status === 200);
    if (found === undefined || VllmError.isInstance(found)) return found;
    if ("end" in found) {
      machine.onChunk(found.end);
      return "completed";
    }
    const { remedy, continues, usage } = found;
    this.heldCalls?.drop();
    this.continues = continues;
    if (continues === undefined) {
      machine.abandon();
      if (machine.hasContent) this.abandoned = machine;
      this.told.blocks += machine.blockCount;
    }
    this.usageBefore = sumUsage(this.usageBefore, usage);
    return remedy;
  }

  private createMachine(
    plan: RequestPlan<Output>,
    body: Readonly<Record<string, unknown>>,
    createReader: (() => MarkupReader) | undefined,
  ): ChatMachine {
    const { params, listener } = this.given;
    const { markup, toolNames, mayCall } = plan.prepared;
    const maxTokens = body["max_completion_tokens"] ?? body["max_tokens"];
    const asked = typeof maxTokens === "number" ? maxTokens : undefined;
    return new ChatMachine({
      model: typeof body["model"] === "string" ? body["model"] : "",
      receiver: this.heldCalls ?? (listener as EventReceiver),
      // Read when the answer begins, which may add one.
      get warnings() {
        return plan.warnings;
      },
      told: this.told,
      continues: this.continues,
      toolNames: mayCall ? toolNames : [],
      forbidsCalls: !mayCall && toolNames.length > 0,
      maxTokens: limitInForce(asked, plan.profile),
      askedOutput: toAskedOutput(asked, plan.profile),
      choiceCount: typeof body["n"] === "number" ? body["n"] : undefined,
      limits: this.given.connection.limits,
      largeIntegers: this.given.options.largeIntegers ?? this.given.largeIntegers,
      reasoningMayBeAnswer: plan.profile?.thoughtOpenedByTemplate?.value === true || params.thinking === "off",
      createMarkupReader: createReader,
      recovered: { thinkTags: markup?.thinkTags === true, toolCallText: plan.findsCalls },
    });
  }

  private async send(machine: ChatMachine, plan: RequestPlan<Output>): Promise<AttemptOutcome> {
    const { connection, options, listener } = this.given;
    const { body } = plan;
    this.head = undefined;
    this.affinity = plan.prepared;
    const headers = toRequestHeaders(connection, plan.prepared, options);
    const sent = headers instanceof Promise ? await headers : headers;
    if (this.isOver) return { type: "ended" };
    const fast = !this.wantsRawChunks && options.onRawChunk === undefined;
    this.attempt = new Attempt({
      connection,
      url: this.url,
      timeouts: mergeTimeouts(connection.timeouts, options.timeouts),
      sent,
      body,
      fast,
      chunks: fast ? machine : tapChunks(machine, (chunk) => this.tellChunk(chunk)),
      progress: machine,
      isPaused: this.isPaused,
      onHead: (head) => {
        this.head = head;
        if (head.status === 200 && this.warningOfAnswer !== undefined) {
          this.warn(this.warningOfAnswer, plan);
          this.warningOfAnswer = undefined;
        }
        const { echo } = plan.prepared;
        if (echo !== undefined) connection.echoes.note(echo, (name) => head.header(name));
        if (options.onResponse !== undefined) this.call("onResponse", toResponseInfo(this.url, head, body));
      },
      onRead: (bytes) => listener.onRead(bytes),
      onDone: () => {
        machine.isOver = true;
        this.resume();
      },
      isForgotten: () => listener.isForgotten,
      onForgotten: () => this.abort(),
      wantsLoad: options.reportWaiting === true,
      onWaiting: (server) => listener.onEvent({ type: "waiting", ...server }),
    });
    return this.attempt.send();
  }

  private tellChunk(chunk: WireChunk): void {
    this.call("onRawChunk", chunk as VllmChatCompletionChunk);
    if (this.wantsRawChunks) this.given.listener.onRawChunk(chunk);
  }

  /** Ends the request, or says how to ask for the answer again. */
  private async finish(machine: ChatMachine, plan: RequestPlan<Output>): Promise<Remedy | undefined> {
    const answer = machine.finish();
    const { listener } = this.given;
    if (this.retriesCalls) {
      const { toolNames, mayCall } = plan.prepared;
      const question = { toolNames: mayCall ? toolNames : [], findsCalls: plan.findsCalls };
      const broken = findBrokenCall(answer.choices, question);
      if (broken !== undefined && isCutByRequest(answer, plan.body)) {
        listener.onEvent({ type: "warning", warning: CALL_TRUNCATED });
        this.heldCalls?.releaseWhole();
        await this.deliver(withoutTruncatedCalls(answer), plan.prepared);
        return undefined;
      }
      if (broken !== undefined) return this.settleBroken(broken, answer, machine);
    }
    this.heldCalls?.release();
    await this.deliver(answer, plan.prepared);
    return undefined;
  }

  /** Asks again once; of several answers one cannot be asked for alone. */
  private settleBroken(broken: BrokenCall, answer: MachineAnswer, machine: ChatMachine): Remedy | undefined {
    if (this.hasAskedAgain || answer.choices.length > 1) {
      const toolCalls = answer.choices.flatMap((choice) => choice.toolCalls);
      const error = brokenCallError(broken, { twice: this.hasAskedAgain, warnings: answer.warnings });
      this.fail(error, { ...this.partial(), toolCalls: toolCalls.map((call) => ({ ...call, arguments: undefined })) });
      return undefined;
    }
    this.hasAskedAgain = true;
    this.heldCalls?.drop();
    this.usageBefore = answer.usage;
    this.told.blocks += machine.blockCount;
    return { messages: askAgain(answer, broken), warning: brokenCallRetried(broken) };
  }

  private async deliver(answer: MachineAnswer, prepared: PreparedRequest<Output>): Promise<void> {
    let output: Output | undefined;
    // A turn that calls tools is no answer yet.
    if (prepared.output !== undefined && answer.toolCalls.length === 0) {
      const parsed = await parseOutput(prepared.output, answer.text, answer.ending).catch(schemaThrew);
      if (VllmError.isInstance(parsed)) {
        this.fail(parsed);
        return;
      }
      ({ output } = parsed);
    }
    if (this.isOver) return;
    const result = {
      ...answer,
      ...this.usageOfBoth(answer.usage),
      ...(this.head === undefined ? {} : toResponseFacts(this.head)),
      output,
    } as ChatResult<Output>;
    this.close();
    this.given.listener.onResult(result);
  }

  private usageOfBoth(last: WireUsage | undefined): Pick<ChatResult, "usage" | "lastUsage"> {
    if (!this.hasAskedAgain && this.usageBefore === undefined) return {};
    const usage = sumUsage(this.usageBefore, last);
    return { ...(usage === undefined ? {} : { usage }), ...(last === undefined ? {} : { lastUsage: last }) };
  }

  private fail(error: VllmError, partial = this.partial()): void {
    if (this.isOver) return;
    // VllmError keeps it out of sight: what logs an error's own fields must not log the answer.
    error.partial = partial;
    if (this.head !== undefined) {
      const { headers, rateLimit } = toResponseFacts(this.head);
      error.headers ??= headers;
      // Enumerable, as what an error is made with.
      if (rateLimit !== undefined) error.rateLimit = rateLimit;
    }
    this.close();
    this.given.listener.onFailure(error);
  }

  private partial(): PartialAnswer {
    try {
      // What had come before the model began anew is better than nothing.
      const machine = this.machine?.hasContent === false ? (this.abandoned ?? this.machine) : this.machine;
      if (machine !== undefined) return machine.partial();
    } catch {
      // More text has come than one string can hold.
    }
    return { text: "", thinking: "", toolCalls: [] };
  }

  private get isOver(): boolean {
    return this.lifetime.isOver;
  }

  private close(): void {
    this.attempt?.stop();
    this.lifetime.end();
  }

  private streamContext(): StreamContext {
    return { url: this.url, requestId: this.head?.header("x-request-id") };
  }
}

async function explained({ refusal, hadBytes }: RefusedOutcome): Promise<FailedOutcome> {
  return { type: "failed", error: await explainRefusal(refusal), hadBytes, wasStale: false };
}

/** The formats of all model families: loaded by those who look for them only. */
async function loadMarkupReader(options: MarkupReaderOptions): Promise<() => MarkupReader> {
  const { createMarkupReader } = await import("../leaked-markup/create-markup-reader.ts");
  return () => createMarkupReader(options);
}

function isConnectionLoss(error: VllmError): boolean {
  return error.code === "STREAM_ENDED_EARLY" || error.code === "STREAM_IDLE_TIMEOUT";
}
