import { errorFromResponse, VllmError } from "@vllm/schema/core";
import { unexpected } from "../error-reply.ts";
import { errorFromLimit, isDeeperThan } from "@vllm/schema/internal";
import type { TransportRequest } from "@vllm/transport/internal";
import type { AnswerTarget, BodyWriter } from "../answer-target.ts";
import type { BridgeOptions } from "../../options/bridge-options.ts";
import type { BridgeLogEntry } from "../../options/log-entry.ts";
import { CLAUDE_CODE_SHAPES } from "../overflow-shapes.ts";
import { explainOverflow } from "../own-prompt.ts";
import { parseObject } from "../parse-object.ts";
import type { ModelProfiles } from "../../upstream/model-profiles.ts";
import type { UpstreamServer } from "../../upstream/upstream-server.ts";
import type { UpstreamAnswer } from "./ask-upstream.ts";
import { askUpstream } from "./ask-upstream.ts";
import { readAll, toHead } from "./read-answer.ts";
import type { EventFrame } from "./event-frames.ts";
import { createFrameReader } from "./event-frames.ts";
import { fitAfterRefusal, fitBody } from "./fit-body.ts";
import type { SeenAnswer } from "./seen-answer.ts";
import { findProblems } from "./seen-answer.ts";
import { brokenTwice, endedEarly } from "./wire-errors.ts";
import type { AnswerReader, Body, WireProtocol } from "./wire-protocol.ts";

/** A request of another protocol than chat, and everything that answers it. */
export interface GuardedExchange {
  protocol: WireProtocol;
  options: Pick<BridgeOptions, "dryRun" | "keepAliveMs" | "timeouts" | "overflow">;
  upstream: Pick<UpstreamServer, "transport" | "clientFor" | "limits">;
  profiles: ModelProfiles;
  /** The client's text. */
  text: string;
  /** The request without its body. */
  outgoing: TransportRequest;
  authorization: string | undefined;
  isClaudeCode: boolean;
  signal: AbortSignal;
  target: AnswerTarget;
  passThrough: () => Promise<void>;
  entry: BridgeLogEntry;
}

const KEEP_ALIVE_MS = 15_000;
const FIRST_TOKEN_MS = 600_000;
const IDLE_MS = 300_000;

/**
 * `POST /v1/messages` and `/v1/responses`: the answer as vLLM wrote it, with calls that are whole or none. A broken call is asked for once more,
 * a request that does not fit is fitted or refused in words that the agent knows. Everything that goes wrong is an answer, too.
 */
export async function answerGuarded(exchange: GuardedExchange): Promise<void> {
  const { protocol, options, profiles, text, authorization, target, entry } = exchange;
  const given = parseObject(text);
  if (given === undefined || isDeeperThan(text, exchange.upstream.limits.nesting) || options.dryRun === true)
    return exchange.passThrough();
  const model = typeof given["model"] === "string" ? given["model"] : undefined;
  entry.model = model;
  entry.isStreamed = given["stream"] === true;
  entry.isOpening = isOpening(protocol, given);
  entry.attempts = 0;
  const { body, changes } = fitBody(protocol, given, await profiles.find(model, authorization));
  entry.changes.push(...changes);
  const guarded = new GuardedAnswer(exchange, performance.now());
  try {
    await guarded.run(body, body === given ? text : undefined);
  } catch (error) {
    if (target.isOver || exchange.signal.aborted) return;
    profiles.doubt(error, model, authorization);
    guarded.fail(
      await explainOverflow(error, exchange.upstream.clientFor(authorization), model, protocol.toChat(body)),
    );
  }
}

function isOpening(protocol: WireProtocol, body: Body): boolean {
  const { messages, tools } = protocol.toChat(body);
  const others = messages.filter(({ role }) => role !== "system" && role !== "developer");
  // Some agents say more than the question in the user's name.
  return (tools ?? []).length > 0 && others.length > 0 && others.every(({ role }) => role === "user");
}

class GuardedAnswer {
  private readonly given: GuardedExchange;
  private readonly startedAt: number;
  /** What the client has of a stream. */
  private begun: AnswerReader | undefined;
  private writer: BodyWriter | undefined;
  private keepAlive: ReturnType<typeof setInterval> | undefined;
  private isQuiet = false;

  constructor(given: GuardedExchange, startedAt: number) {
    this.given = given;
    this.startedAt = startedAt;
  }

  /** @param text the body as the client wrote it, where it is sent so */
  async run(body: Body, text?: string): Promise<void> {
    const { protocol, entry } = this.given;
    const answer = await this.ask(body, text);
    const first = await this.bring(answer);
    if (first === undefined) return;
    const problems = this.problemsOf(first, body);
    if (problems === undefined) return this.deliver(first);
    entry.retriedCalls = 1;
    // What is counted from here on is not the agent's own.
    entry.isOpening = false;
    entry.changes.push("asked again: broken call");
    const again = await this.bring(await this.ask(protocol.askAgain(body, first.answer, problems)), first);
    if (again === undefined) return;
    if (this.problemsOf(again, body) !== undefined) throw brokenTwice(again.answer.isTruncated);
    await this.deliver(again);
  }

  fail(error: unknown): void {
    const { protocol, target, entry, options, isClaudeCode } = this.given;
    clearInterval(this.keepAlive);
    const known = VllmError.isInstance(error) ? error : unexpected(error);
    if (entry.ending === "ok") entry.ending = known.code;
    if (target.isOver) return;
    if (this.writer === undefined || this.begun === undefined) {
      const shapes = options.overflow ?? (isClaudeCode ? CLAUDE_CODE_SHAPES : protocol.overflow);
      const { status, body } = protocol.toError(known, shapes);
      target.json(status, { "x-should-retry": "false" }, body);
      return;
    }
    void this.writer.write(protocol.renderError(known, this.begun));
    this.writer.end();
  }

  private problemsOf({ answer }: HeldAnswer, body: Body): string[] | undefined {
    const limit = body[this.given.protocol.outputField];
    return findProblems(answer, typeof limit === "number" ? limit : undefined);
  }

  /** Sends the request, and again with less output where that is what does not fit. */
  private async ask(body: Body, text = JSON.stringify(body)): Promise<UpstreamAnswer> {
    const { protocol, options, upstream, outgoing, signal, entry } = this.given;
    const { firstTokenMs = FIRST_TOKEN_MS, idleMs = IDLE_MS } = options.timeouts ?? {};
    const bytes = new TextEncoder().encode(text);
    entry.attempts = (entry.attempts ?? 0) + 1;
    const answer = await askUpstream(
      upstream.transport,
      { ...outgoing, body: bytes },
      { firstTokenMs, idleMs },
      signal,
    );
    if (answer.status !== 400) return answer;
    const refusal = await readAll(answer, upstream.limits.errorBytes);
    const error = toError(answer, refusal, outgoing.url);
    if (error.code !== "CONTEXT_LENGTH_EXCEEDED") return { ...answer, read: readOnce(refusal) };
    const fitted = fitAfterRefusal(protocol, body, error);
    if (fitted === undefined || entry.attempts > MOST_ATTEMPTS) throw error;
    entry.changes.push(fitted.change);
    return this.ask(fitted.body);
  }

  /**
   * Hands the answer over as far as no call is in it.
   *
   * @param first the answer of which the client has the beginning
   * @returns undefined when the answer is the client's already: an error, or something that is no answer of this protocol
   */
  private async bring(answer: UpstreamAnswer, first?: HeldAnswer): Promise<HeldAnswer | undefined> {
    const { entry } = this.given;
    const isStream = answer.header("content-type")?.startsWith("text/event-stream") === true;
    if (answer.status !== 200 && first !== undefined) {
      const text = await readAll(answer, this.given.upstream.limits.errorBytes);
      throw toError(answer, text, this.given.outgoing.url);
    }
    if (answer.status !== 200) {
      const text = await this.readWhole(answer);
      entry.ending = toError(answer, text, this.given.outgoing.url).code;
      this.hand(answer, text);
      return undefined;
    }
    return isStream ? this.bringStream(answer, first) : this.bringWhole(answer);
  }

  private async bringWhole(answer: UpstreamAnswer): Promise<HeldAnswer | undefined> {
    const text = await this.readWhole(answer);
    const body = parseObject(text);
    if (body === undefined) {
      this.hand(answer, text);
      return undefined;
    }
    return { answer: this.given.protocol.readWhole(body), release: () => this.hand(answer, text) };
  }

  private async bringStream(answer: UpstreamAnswer, first: HeldAnswer | undefined): Promise<HeldAnswer> {
    const { protocol, entry, outgoing } = this.given;
    const { limits } = this.given.upstream;
    const reader = protocol.createReader();
    const render = first?.reader === undefined ? ({ raw }: EventFrame) => raw : protocol.continueAnswer(first.reader);
    const split = createFrameReader(limits.eventBytes, outgoing.url);
    const held: EventFrame[] = [];
    this.begin(answer, first?.reader ?? reader);
    for (;;) {
      const text = await answer.read();
      if (text === undefined) break;
      for (const frame of split(text)) {
        reader.read(frame);
        // Some agents leave with the last event, before the stream's end.
        if (reader.hasEnded) this.count(reader.answer);
        if (reader.hasContent) entry.firstTokenMs ??= performance.now() - this.startedAt;
        if (argumentsOf(reader.answer) > limits.argumentsLength)
          throw errorFromLimit("argumentsLength", limits.argumentsLength, { url: outgoing.url });
        if (reader.isHolding) held.push(frame);
        else await this.write(render(frame));
      }
    }
    if (!reader.hasEnded) throw endedEarly(outgoing.url);
    return {
      answer: reader.answer,
      reader,
      release: async () => {
        for (const frame of held) await this.write(render(frame));
        clearInterval(this.keepAlive);
        this.writer?.end();
      },
    };
  }

  private begin(answer: UpstreamAnswer, reader: AnswerReader): void {
    this.begun ??= reader;
    if (this.writer !== undefined) return;
    const { target, options, protocol } = this.given;
    // nginx would collect the stream otherwise.
    this.writer = target.stream({ "x-accel-buffering": "no", ...toHead(answer) });
    const { keepAliveMs = KEEP_ALIVE_MS } = options;
    if (keepAliveMs === false) return;
    this.keepAlive = setInterval(() => {
      if (this.isQuiet) void this.writer?.write(protocol.keepAlive);
      this.isQuiet = true;
    }, keepAliveMs / 2);
    this.given.signal.addEventListener("abort", () => clearInterval(this.keepAlive), { once: true });
  }

  private write(text: string): Promise<void> | undefined {
    this.isQuiet = false;
    return text === "" ? undefined : this.writer?.write(text);
  }

  private readWhole(answer: UpstreamAnswer): Promise<string> {
    const { upstream, outgoing } = this.given;
    return readWhole(answer, upstream.limits.answerBytes, outgoing.url);
  }

  private hand(answer: UpstreamAnswer, text: string): void {
    this.given.target.whole(answer.status, toHead(answer), text);
  }

  private async deliver({ answer, release }: HeldAnswer): Promise<void> {
    this.count(answer);
    await release();
  }

  private count(answer: SeenAnswer): void {
    const { entry } = this.given;
    entry.model = answer.model ?? entry.model;
    entry.promptTokens = answer.promptTokens;
    entry.completionTokens = answer.completionTokens;
    entry.cachedTokens = answer.cachedTokens;
  }
}

/** A whole answer, of which the client has what came before its first call. */
interface HeldAnswer {
  answer: SeenAnswer;
  /** Of a stream. */
  reader?: AnswerReader | undefined;
  release(): Promise<void> | void;
}

/** Two of them may go for limits that are too large. */
const MOST_ATTEMPTS = 3;

function argumentsOf({ calls }: SeenAnswer): number {
  return calls.reduce((sum, { argumentsText }) => sum + argumentsText.length, 0);
}

/** A whole answer; one that is too large is an error. */
async function readWhole(answer: UpstreamAnswer, mostBytes: number, url: string): Promise<string> {
  const text = await readAll(answer, mostBytes + 1);
  if (text.length > mostBytes) throw errorFromLimit("answerBytes", mostBytes, { url });
  return text;
}

function readOnce(text: string): UpstreamAnswer["read"] {
  let left: string | undefined = text;
  return async () => {
    const taken = left;
    left = undefined;
    return taken === "" ? undefined : taken;
  };
}

function toError(answer: UpstreamAnswer, bodyText: string, url: string): VllmError {
  const { status, header } = answer;
  const seen = { status, contentType: header("content-type"), bodyText, retryAfter: header("retry-after") };
  return errorFromResponse(seen, { url, hasKey: true, secrets: [] });
}
