import { VllmError } from "@vllm/schema/core";
import type { ChatWarning } from "../stream/warning.ts";
import type { Lifetime } from "../chat/lifetime.ts";
import type { Remedy, RequestPlan } from "../chat/request-plan.ts";
import { wait } from "../chat/wait.ts";
import type { ChatMachine } from "../stream/chat-machine.ts";
import type { WireChunk, WireUsage } from "../stream/wire-chunk.ts";
import type { PostJson } from "../routes/tokenize.ts";
import { toContinuedRequest, toRemainingLimits, type BegunAnswer, type OriginalRequest } from "./continued-request.ts";
import { countUsedTokens, estimateTokens, type CountQuestion, type UsedTokens } from "./count-used-tokens.ts";
import { isResumable, isServerAbsent, isServerLoss } from "./is-resumable.ts";
import { waitedInVain } from "../errors/stream-errors.ts";
import { BEGUN_AGAIN, connectionLost, RESUMED } from "./resumed-warning.ts";

export interface ResumptionOptions {
  /** How long servers may be waited for, in all, in ms. */
  waitMs: number;
  post: PostJson;
  lifetime: Lifetime;
  /** Told at once: what else is told comes with the answer of the next server. */
  onWait: (warning: ChatWarning) => void;
}

/** How an answer goes on whose server went away. */
export interface ResumedAnswer {
  remedy: Remedy;
  /** The machine whose text the next one goes on with; undefined when the model begins anew. */
  continues: ChatMachine | undefined;
  /** What the lost part used, where it could be counted. */
  usage: WireUsage | undefined;
}

/** All tokens that it may have had come: only its end was missing. */
export interface CompletedAnswer {
  end: WireChunk;
}

const MOST_TIMES = 2;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5000;
/** A server that is not refused, and does not answer either, is missing after this. */
const SLOW_MS = 1000;

/**
 * Answers that survive their server: what had come is given to another server, or to the same one once it is ready again, as the last message
 * for the model to go on with.
 */
export class Resumption {
  private readonly options: ResumptionOptions;
  private times = 0;
  /** What the latest request goes on with. */
  private known: BegunAnswer = { text: "", thinking: "" };
  private original: OriginalRequest | undefined;
  /** By which the server went away: a continuation that fails is no better reason. */
  private loss: VllmError | undefined;
  /** Of {@link ResumptionOptions.waitMs}. */
  private leftMs: number;
  /** Up to when the time is taken off it. */
  private countedTo = 0;
  /** The consumer knows of the wait that is under way. */
  private isTold = false;
  private delayMs = FIRST_DELAY_MS;

  constructor(options: ResumptionOptions) {
    this.options = options;
    this.leftMs = options.waitMs;
  }

  /** An attempt has failed, and may be sent again for other reasons. */
  noteFailure(error: VllmError, machine: ChatMachine, plan: RequestPlan<unknown>): void {
    if (this.times > 0 && !machine.hasGrown && isServerAbsent(error)) this.tellWait(plan);
  }

  /**
   * Undefined: the answer ends with the error; an error: with that one.
   *
   * @param hasBegun the server had answered 200
   */
  async findAnswer(
    error: VllmError,
    machine: ChatMachine,
    plan: RequestPlan<unknown>,
    hasBegun: boolean,
  ): Promise<ResumedAnswer | CompletedAnswer | VllmError | undefined> {
    if (machine.hasFinishReason || !isResumable(plan.body)) return undefined;
    // The server has ended its answer itself.
    if (machine.isOver && error.code === "STREAM_ENDED_EARLY") return undefined;
    const isWaiting = this.times > 0 && !machine.hasGrown;
    if (hasBegun) {
      if (this.times >= MOST_TIMES) return isWaiting ? this.loss : undefined;
      // Also when nothing came of it: a request that crashes servers must not go round a fleet.
      if (isServerLoss(error)) this.times += 1;
    }
    if (isWaiting) return this.findServer(error, machine);
    if (!hasBegun || !isServerLoss(error)) return undefined;
    this.loss = error;
    this.delayMs = FIRST_DELAY_MS;
    this.countedTo = performance.now();
    this.isTold = false;
    const begun = machine.begunAnswer;
    if (begun === undefined)
      return { remedy: { warning: BEGUN_AGAIN, warnsWithAnswer: true }, continues: undefined, usage: undefined };
    return this.goOn(machine, plan, begun);
  }

  /** The answer's next server was not there, or went away before it had added anything. */
  private async findServer(error: VllmError, machine: ChatMachine): Promise<ResumedAnswer | VllmError | undefined> {
    if (!isServerAbsent(error)) return this.loss;
    if (!this.hasTimeLeft()) return this.inVain();
    await this.pause();
    // The request is ready; a machine that has not grown has what the one before had.
    const continues = machine.begunAnswer === undefined ? undefined : machine;
    return { remedy: {}, continues, usage: undefined };
  }

  private async goOn(
    machine: ChatMachine,
    plan: RequestPlan<unknown>,
    begun: BegunAnswer,
  ): Promise<ResumedAnswer | CompletedAnswer | VllmError | undefined> {
    const { body } = plan;
    // Of the first of its requests: the text of a resumed answer is whole.
    this.original ??= { messages: plan.messages, wasPrefilled: body["continue_final_message"] === true };
    const continued = toContinuedRequest(this.original, begun);
    if (continued === undefined) return undefined;
    const question = { before: body, after: plan.bodyWith(continued), begun: this.newOf(begun) };
    const used = await this.count(question, plan);
    if (used === "impossible") return undefined;
    if (used === "too late") return this.inVain();
    const limits = toRemainingLimits(body, used?.answer ?? estimateTokens(this.newOf(begun)));
    // An estimate may be too high.
    if (limits === undefined) return used && { end: toLastChunk(used) };
    this.known = begun;
    const continuation = { ...continued, fields: { ...continued.fields, ...limits } };
    return {
      remedy: { continuation, warning: RESUMED, warnsWithAnswer: true },
      continues: machine,
      usage: used && toUsage(used),
    };
  }

  /** What the latest request had not been given. */
  private newOf({ text, thinking }: BegunAnswer): BegunAnswer {
    const { known } = this;
    return { text: text.slice(known.text.length), thinking: thinking.slice(known.thinking.length) };
  }

  /** Waits for a server with the question that has to be asked anyway. */
  private async count(
    question: CountQuestion,
    plan: RequestPlan<unknown>,
  ): Promise<UsedTokens | "impossible" | "too late" | undefined> {
    const { post, lifetime } = this.options;
    const slow = setTimeout(() => this.tellWait(plan), SLOW_MS);
    lifetime.onEnd(() => clearTimeout(slow));
    try {
      for (;;) {
        try {
          return await countUsedTokens(post, question);
        } catch (error) {
          if (lifetime.isOver || !VllmError.isInstance(error) || !isWithoutAnswer(error)) return "impossible";
          if (!this.hasTimeLeft()) return "too late";
          this.tellWait(plan);
          await this.pause();
          if (lifetime.isOver) return "impossible";
        }
      }
    } finally {
      clearTimeout(slow);
    }
  }

  private tellWait(plan: RequestPlan<unknown>): void {
    if (this.isTold || this.options.lifetime.isOver) return;
    this.isTold = true;
    const warning = connectionLost(this.leftMs);
    plan.warn(warning);
    this.options.onWait(warning);
  }

  /** Of the time for which servers are waited for. */
  private hasTimeLeft(): boolean {
    const now = performance.now();
    this.leftMs -= now - this.countedTo;
    this.countedTo = now;
    return this.leftMs > 0;
  }

  private inVain(): VllmError | undefined {
    return this.loss && waitedInVain(this.loss, this.options.waitMs - this.leftMs);
  }

  private async pause(): Promise<void> {
    const delayMs = Math.min(this.delayMs, this.leftMs);
    this.delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    await wait(delayMs, this.options.lifetime);
  }
}

/** No server, or none that works: the tokenizer of one that does answers in no time. */
function isWithoutAnswer(error: VllmError): boolean {
  return isServerAbsent(error) || error.code === "REQUEST_TIMEOUT" || error.status === 504;
}

function toLastChunk(used: UsedTokens): WireChunk {
  return { choices: [{ index: 0, delta: {}, finish_reason: "length" }], usage: toUsage(used) };
}

function toUsage({ prompt, answer }: UsedTokens): WireUsage {
  return { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer } as WireUsage;
}
