import { VllmError } from "@vllm/schema/core";
import type { Lifetime } from "../chat/lifetime.ts";
import type { Remedy, RequestPlan } from "../chat/request-plan.ts";
import { wait } from "../chat/wait.ts";
import type { ChatMachine } from "../stream/chat-machine.ts";
import type { WireUsage } from "../stream/wire-chunk.ts";
import type { PostJson } from "../routes/tokenize.ts";
import { toContinuedRequest, toRemainingLimits, type BegunAnswer, type OriginalRequest } from "./continued-request.ts";
import { countUsedTokens, estimateTokens, type CountQuestion, type UsedTokens } from "./count-used-tokens.ts";
import { isResumable, isServerAbsent, isServerLoss } from "./is-resumable.ts";
import { BEGUN_AGAIN, RESUMED } from "./resumed-warning.ts";

export interface ResumptionOptions {
  /** How long servers may be waited for, in all, in ms. */
  waitMs: number;
  post: PostJson;
  lifetime: Lifetime;
}

/** How an answer goes on whose server went away. */
export interface ResumedAnswer {
  remedy: Remedy;
  /** The machine whose text the next one goes on with; undefined when the model begins anew. */
  continues: ChatMachine | undefined;
  /** What the lost part used, where it could be counted. */
  usage: WireUsage | undefined;
}

const MOST_TIMES = 2;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5000;

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
  private delayMs = FIRST_DELAY_MS;

  constructor(options: ResumptionOptions) {
    this.options = options;
    this.leftMs = options.waitMs;
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
  ): Promise<ResumedAnswer | VllmError | undefined> {
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
    const begun = machine.begunAnswer;
    if (begun === undefined) return { remedy: { warning: BEGUN_AGAIN }, continues: undefined, usage: undefined };
    return this.goOn(machine, plan, begun);
  }

  /** The answer's next server was not there, or went away before it had added anything. */
  private async findServer(error: VllmError, machine: ChatMachine): Promise<ResumedAnswer | VllmError | undefined> {
    if (!isServerAbsent(error) || this.leftMs <= 0) return this.loss;
    await this.pause();
    // The request is ready; a machine that has not grown has what the one before had.
    const continues = machine.begunAnswer === undefined ? undefined : machine;
    return { remedy: {}, continues, usage: undefined };
  }

  private async goOn(
    machine: ChatMachine,
    plan: RequestPlan<unknown>,
    begun: BegunAnswer,
  ): Promise<ResumedAnswer | undefined> {
    const { body } = plan;
    // Of the first of its requests: the text of a resumed answer is whole.
    this.original ??= { messages: plan.messages, wasPrefilled: body["continue_final_message"] === true };
    const continued = toContinuedRequest(this.original, begun);
    if (continued === undefined) return undefined;
    const used = await this.count({ before: body, after: plan.bodyWith(continued), begun: this.newOf(begun) });
    if (used === "impossible") return undefined;
    const limits = toRemainingLimits(body, used?.answer ?? estimateTokens(this.newOf(begun)));
    if (limits === undefined) return undefined;
    this.known = begun;
    const continuation = { ...continued, fields: { ...continued.fields, ...limits } };
    return { remedy: { continuation, warning: RESUMED }, continues: machine, usage: used && toUsage(used) };
  }

  /** What the latest request had not been given. */
  private newOf({ text, thinking }: BegunAnswer): BegunAnswer {
    const { known } = this;
    return { text: text.slice(known.text.length), thinking: thinking.slice(known.thinking.length) };
  }

  /** Waits for a server with the question that has to be asked anyway. */
  private async count(question: CountQuestion): Promise<UsedTokens | "impossible" | undefined> {
    const { post, lifetime } = this.options;
    for (;;) {
      try {
        return await countUsedTokens(post, question);
      } catch (error) {
        if (!VllmError.isInstance(error) || !isServerAbsent(error)) return "impossible";
        if (this.leftMs <= 0) return "impossible";
        await this.pause();
        if (lifetime.isOver) return "impossible";
      }
    }
  }

  private async pause(): Promise<void> {
    const delayMs = Math.min(this.delayMs, this.leftMs);
    this.leftMs -= delayMs;
    this.delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    await wait(delayMs, this.options.lifetime);
  }
}

function toUsage({ prompt, answer }: UsedTokens): WireUsage {
  return { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer } as WireUsage;
}
