import { DEFAULT_LIMITS, type Limits, type PartialAnswer } from "@vllm/schema/core";
import { LimitExceeded } from "@vllm/transport/internal";
import { CallBlock, joinBlocks, ProseBlock } from "./blocks.ts";
import { Choice, unexpectedChoice } from "./choice.ts";
import type { ChunkSink } from "./chunk-sink.ts";
import type { ChatEvent } from "./events.ts";
import {
  isCut,
  joinFinishes,
  readFinish,
  refineEnding,
  type AnswerEnding,
  type FailureReason,
  type Finish,
} from "./finish-reason.ts";
import type { MarkupReader, MarkupPiece } from "../leaked-markup/index.ts";
import { roundsIntegers, type LargeIntegers } from "../repairs/large-integers.ts";
import { readParts } from "../repairs/read-parts.ts";
import type { Repair } from "../repairs/repairs.ts";
import { toToolName } from "../repairs/to-tool-name.ts";
import type { ChatChoice, ChatResult, EmptyTurn } from "./result.ts";
import { toMessage } from "./to-message.ts";
import type { ParsedToolCall } from "./tool-call.ts";
import { findLeakedMarkup, thinkingUsedUpBudget, type LeakQuestion } from "./leak-warnings.ts";
import { answerRepaired, INTEGER_ROUNDED } from "./repair-warnings.ts";
import { unknownFinishReason } from "./unknown-finish-reason.ts";
import { outputLimited } from "./output-limited.ts";
import type { AskedOutput } from "./output-limited.ts";
import type { ChatWarning } from "./warning.ts";
import type { WireChoice, WireChunk, WireDelta, WireToolCall, WireUsage } from "./wire-chunk.ts";

export interface EventReceiver {
  onEvent(event: ChatEvent): void;
}

/** What the attempts of one request have told: an attempt after the first one does not tell it again. */
export interface Told {
  hasStarted: boolean;
  /** Blocks of an answer that the model was asked to give again: the numbers of the next one's follow theirs. */
  blocks: number;
  readonly warnings: ChatWarning[];
}

export interface ChatMachineOptions {
  /** The model that was asked for, until the server says who answers. */
  model: string;
  /** What is known to be odd before the first chunk; told after `start`. */
  warnings?: readonly ChatWarning[] | undefined;
  /** Of the attempts before this one. */
  told?: Told | undefined;
  /** Gets every event but `done`. */
  receiver: EventReceiver;
  /** Names of the request's tools, when the model was free to call them. */
  toolNames: readonly string[];
  /** The request has tools and forbids to call them (`tool_choice: "none"`). */
  forbidsCalls?: boolean | undefined;
  /** Tokens that the answer may have: the request's limit, or the server's own where it is smaller. */
  maxTokens?: number | undefined;
  /** What the request asked for, to tell whether it got less. */
  askedOutput?: AskedOutput | undefined;
  /** How many answers were asked for (`n`); one unless it is given. */
  choiceCount?: number | undefined;
  /** The template opens the reasoning, or thinking is off: then reasoning without an answer may be the answer. */
  reasoningMayBeAnswer?: boolean | undefined;
  /** For servers without parsers; one for each choice. */
  createMarkupReader?: (() => MarkupReader) | undefined;
  /** What {@link createMarkupReader} looks for. */
  recovered?: LeakQuestion["recovered"] | undefined;
  /** The machine of the answer that this one goes on with: text and reasoning stay, calls come anew. */
  continues?: ChatMachine | undefined;
  limits?: Pick<Limits, "argumentsLength" | "nesting"> | undefined;
  largeIntegers?: LargeIntegers | undefined;
}

/** A whole answer, as far as its chunks tell. */
export type MachineAnswer = Omit<ChatResult, "output" | "requestId" | "headers" | "rateLimit" | "lastUsage">;

/** What the chunks came to: an answer, the failure that the server reported instead, or nothing that is finished. */
export type ChunksEnding = "answered" | "unfinished" | { failed: FailureReason };

/**
 * Chunks → chat events: the one place that knows how vLLM spreads an answer over chunks. Does no I/O, throws nothing but
 * `LimitExceeded`, and gets its input as {@link ChunkSink} calls. `finish()` closes every block and gives the result.
 */
export class ChatMachine implements ChunkSink {
  /** Set once the usage has come in a chunk of its own after the answer, as vLLM's last one. */
  hasFinalUsage = false;
  /** Set once the server has said that the answer is over: by `[DONE]`, or by the end of an answer that is not streamed. */
  isOver = false;
  private readonly options: ChatMachineOptions;
  private readonly receiver: EventReceiver;
  private readonly told: Told;
  private readonly choices: Choice[] = [];
  private readonly choicesByIndex = new Map<number, Choice>();
  private readonly warnings: ChatWarning[] = [];
  private id = "";
  private model: string;
  private created: number | undefined;
  private systemFingerprint: string | undefined;
  private promptTokenIds: number[] | undefined;
  private usage: WireUsage | undefined;
  private isStarted = false;
  private lengthBefore = 0;
  private hasUnexpectedChoice = false;
  private finishedChoices = 0;
  private readonly expectedChoices: number;
  private readonly limits: Pick<Limits, "argumentsLength" | "nesting">;

  constructor(options: ChatMachineOptions) {
    this.options = options;
    this.limits = options.limits ?? DEFAULT_LIMITS;
    this.expectedChoices = options.choiceCount ?? 1;
    this.receiver = options.receiver;
    this.told = options.told ?? { hasStarted: false, blocks: 0, warnings: [] };
    this.model = options.model;
    if (options.continues !== undefined) this.takeOver(options.continues);
  }

  private takeOver(other: ChatMachine): void {
    const from = other.choicesByIndex.get(0);
    const choice = this.choice(0);
    if (from === undefined || choice === undefined) return;
    choice.blocks.push(...from.blocks.filter((block) => block instanceof ProseBlock));
    choice.openProse = from.openProse;
    choice.latest = choice.blocks.at(-1);
    this.lengthBefore = this.length;
  }

  /** Characters of text and reasoning, and blocks: it grows with every piece. */
  private get length(): number {
    return this.choices
      .flatMap(({ blocks }) => blocks)
      .reduce((sum, block) => sum + 1 + block.builder.toString().length, 0);
  }

  /** True once anything has come besides what this answer goes on with. */
  get hasGrown(): boolean {
    return this.length > this.lengthBefore;
  }

  /** A word of the server has ended the answer, and it is not one for a failure. */
  get hasFinishReason(): boolean {
    return this.choices.some(({ finish }) => finish !== undefined && finish.ending !== "failed");
  }

  /** What another server can go on with: undefined unless the latest prose is text, and has something to read. */
  get begunAnswer(): { text: string; thinking: string } | undefined {
    const blocks = this.choicesByIndex.get(0)?.blocks ?? [];
    const latest = blocks.findLast((block) => block instanceof ProseBlock);
    const text = joinBlocks(blocks, "text");
    return latest?.kind === "text" && text.trim() !== ""
      ? { text, thinking: joinBlocks(blocks, "thinking") }
      : undefined;
  }

  /** Closes what is open of an answer that is given up, so that another one can begin behind it. */
  abandon(): void {
    for (const choice of this.choices) this.closeProse(choice);
  }

  /** True once anything of the answer itself has come. */
  get hasContent(): boolean {
    return this.choices.some((choice) => choice.blocks.length > 0);
  }

  /** Blocks that have begun, of the choice that has most. */
  get blockCount(): number {
    return Math.max(0, ...this.choices.map(({ blocks }) => blocks.length));
  }

  /** What the chunks came to, should no more come. */
  get ending(): ChunksEnding {
    for (const { finish } of this.choices) if (finish?.ending === "failed") return { failed: finish.reason };
    const isAnswered = this.choices.length > 0 && this.choices.every((choice) => this.isWhole(choice));
    return isAnswered ? "answered" : "unfinished";
  }

  /**
   * True with a finish reason. Without one when the server ended the answer behind calls that are whole as they stand: gateways write
   * `[DONE]` behind an answer that broke, too, where half a text looks like a whole one.
   */
  private isWhole({ finish, blocks, latest }: Choice): boolean {
    if (finish !== undefined) return true;
    if (!this.isOver || !(latest instanceof CallBlock) || this.usedAllTokens()) return false;
    return blocks.every((block) => block.kind !== "toolcall" || block.isWhole(this.limits.nesting));
  }

  /** True when all that came belongs to choices which the request did not ask for. */
  get isOfOtherChoices(): boolean {
    return this.hasUnexpectedChoice && this.choices.length === 0;
  }

  /**
   * True once every answer that was asked for has its finish reason: only usage and the end of the stream can still come. A finish
   * reason after which an answer went on proves nothing.
   */
  get isFinished(): boolean {
    // Asked at every read: mostly nothing has finished yet.
    if (this.finishedChoices === 0 || this.finishedChoices < this.expectedChoices) return false;
    return this.finishedChoices === this.choices.length && !this.choices.some((choice) => choice.wentOn);
  }

  private warn(warning: ChatWarning): void {
    if (isAmong(this.warnings, warning)) return;
    this.warnings.push(warning);
    if (isAmong(this.told.warnings, warning)) return;
    this.told.warnings.push(warning);
    this.receiver.onEvent({ type: "warning", warning });
  }

  onChunk(chunk: WireChunk): void {
    this.readHead(chunk);
    if (Array.isArray(chunk.choices)) {
      for (const wire of chunk.choices) if (isObject(wire)) this.readChoice(wire);
    }
    // Totals so far, in any chunk, with or without choices: the last one counts.
    if (isObject(chunk.usage)) {
      this.usage = chunk.usage;
      this.hasFinalUsage = Array.isArray(chunk.choices) && chunk.choices.length === 0 && this.isFinished;
    }
  }

  onText(choiceIndex: number, delta: string): void {
    const choice = this.growing(choiceIndex);
    if (choice === undefined) return;
    if (choice.markupReader === undefined) this.prose(choice, "text", delta);
    else this.recovered(choice, choice.markupReader.push(delta));
  }

  onThinking(choiceIndex: number, delta: string): void {
    const choice = this.growing(choiceIndex);
    if (choice !== undefined) this.prose(choice, "thinking", delta);
  }

  onArguments(choiceIndex: number, callIndex: number, delta: string): void {
    const choice = this.growing(choiceIndex);
    if (choice === undefined) return;
    this.argumentsDelta(choice, choice.callByIndex(callIndex) ?? this.openCall(choice, callIndex), delta);
  }

  /** Closes every block of a stream that has ended well. */
  finish(): MachineAnswer {
    const choices = this.choices
      .toSorted((one, other) => one.index - other.index)
      .map((choice) => this.finishChoice(choice));
    const [first] = choices;
    if (first === undefined) throw new Error("finish() needs a complete stream");
    return {
      id: this.id,
      model: this.model,
      ...first,
      ...given("created", this.created),
      ...given("usage", this.usage),
      ...given("systemFingerprint", this.systemFingerprint),
      ...given("promptTokenIds", this.promptTokenIds),
      choices,
      warnings: this.warnings,
    };
  }

  /** What has arrived, for an error. */
  partial(): PartialAnswer {
    const blocks = this.choices.find((choice) => choice.index === 0)?.blocks ?? this.choices[0]?.blocks ?? [];
    const broken = { ending: "broken", isLast: false } as const;
    return {
      ...(this.isStarted ? { id: this.id, model: this.model } : {}),
      text: joinBlocks(blocks, "text"),
      thinking: joinBlocks(blocks, "thinking"),
      toolCalls: blocks
        .filter((block) => block instanceof CallBlock)
        .map((call) => ({ ...call.toToolCall(broken, this.limits), arguments: undefined })),
      ...given("usage", this.usage),
    };
  }

  private readHead(chunk: WireChunk): void {
    if (typeof chunk.system_fingerprint === "string") this.systemFingerprint = chunk.system_fingerprint;
    if (Array.isArray(chunk.prompt_token_ids)) this.promptTokenIds = chunk.prompt_token_ids;
    if (this.isStarted) return;
    this.isStarted = true;
    if (typeof chunk.id === "string") this.id = chunk.id;
    if (typeof chunk.model === "string") this.model = chunk.model;
    if (typeof chunk.created === "number") this.created = chunk.created;
    if (!this.told.hasStarted) this.receiver.onEvent({ type: "start", id: this.id, model: this.model });
    this.told.hasStarted = true;
    for (const warning of this.options.warnings ?? []) this.warn(warning);
  }

  private readChoice(wire: WireChoice): void {
    const choice = this.choice(typeof wire.index === "number" ? wire.index : 0);
    if (choice === undefined) return;
    // The delta first: the chunk with the finish reason may hold the last piece of the answer.
    if (isObject(wire.delta)) this.readDelta(choice, wire.delta, "delta");
    else if (isObject(wire.message)) this.readDelta(choice, wire.message, "message");
    this.readTokens(choice, wire);
    if (wire.stop_reason !== undefined && wire.stop_reason !== null) choice.stopReason = wire.stop_reason;
    const finish = readFinish(wire.finish_reason);
    if (finish === undefined) return;
    if (choice.finish === undefined) this.finishedChoices += 1;
    choice.finish = joinFinishes(choice.finish, finish);
  }

  /** One delta may hold all three; the reasoning comes first, whatever the order of the keys. */
  private readDelta(choice: Choice, delta: WireDelta, kind: "delta" | "message"): void {
    // 0.12 sends the same text under both names.
    const thought = isText(delta.reasoning) ? delta.reasoning : delta.reasoning_content;
    if (isText(thought)) this.onThinking(choice.index, thought);
    if (isText(delta.content)) this.onText(choice.index, delta.content);
    else if (Array.isArray(delta.content)) this.readContentParts(choice, delta.content);
    if (Array.isArray(delta.tool_calls)) this.readCalls(choice, delta.tool_calls, kind);
  }

  private readContentParts(choice: Choice, parts: readonly unknown[]): void {
    if (parts.length === 0) return;
    this.repair(choice, "content-parts");
    for (const { kind, text } of readParts(parts)) {
      if (kind === "thinking") this.onThinking(choice.index, text);
      else this.onText(choice.index, text);
    }
  }

  private readCalls(choice: Choice, list: readonly WireToolCall[], kind: "delta" | "message"): void {
    choice.callsWithoutIndex.startList();
    for (const [position, wire] of list.entries()) {
      if (isObject(wire)) this.readCall(choice, wire, position, kind);
    }
    choice.callsWithoutIndex.endList();
  }

  private readCall(choice: Choice, wire: WireToolCall, position: number, kind: "delta" | "message"): void {
    const id = isText(wire.id) ? wire.id : "";
    const sentName = isText(wire.function?.name) ? wire.function.name : "";
    const text = toText(wire.function?.arguments);
    const index = typeof wire.index === "number" ? wire.index : undefined;
    if (id === "" && sentName === "" && text === "") {
      if (index === undefined || choice.callByIndex(index) === undefined) this.repair(choice, "empty-call");
      else this.growing(choice.index);
      return;
    }
    this.growing(choice.index);
    const numbered = index === undefined || id !== "" || sentName !== "" ? undefined : choice.callByIndex(index);
    if (numbered !== undefined) {
      this.argumentsDelta(choice, numbered, text);
      return;
    }
    const toolName = toToolName(sentName, this.options.toolNames);
    const name = toolName ?? sentName;
    const known =
      index === undefined
        ? choice.callsWithoutIndex.find(position, { id, name })
        : this.findCall(choice, index, { id, name });
    const call = known ?? this.openCall(choice, index ?? choice.nextCallIndex);
    // Null, empty and repeated values say nothing new, and before 0.9 every delta had an id of its own.
    if (call.id === "") call.id = id;
    if (call.name === "") call.name = name;
    if (toolName !== undefined) this.repair(choice, "tool-name", call);
    // A message that is not streamed has no indices.
    if (index === undefined && kind === "delta") this.repair(choice, "no-index", call);
    choice.callsWithoutIndex.add(position, call, known === undefined);
    this.startCall(choice, call);
    if (text !== "") this.argumentsDelta(choice, call, text);
  }

  /** The call with this index; another id and name at an index that is used begin another call. */
  private findCall(choice: Choice, index: number, { id, name }: Pick<CallBlock, "id" | "name">): CallBlock | undefined {
    const known = choice.callByIndex(index);
    if (known === undefined) return undefined;
    const isAnother = id !== "" && name !== "" && known.id !== "" && known.name !== "" && known.id !== id;
    if (!isAnother) return known;
    const call = this.openCall(choice, choice.nextCallIndex);
    choice.callsByIndex.set(index, call);
    return call;
  }

  /** Marks what was repaired, and warns of it once in an answer. */
  private repair(choice: Choice, repair: Repair, call?: CallBlock): void {
    choice.isRepaired = true;
    call?.repairs.add(repair);
    this.warn(answerRepaired(repair));
  }

  private openCall(choice: Choice, index: number): CallBlock {
    this.closeProse(choice);
    const call = new CallBlock(this.told.blocks + choice.blocks.length, index);
    choice.blocks.push(call);
    choice.callsByIndex.set(index, call);
    choice.nextCallIndex = Math.max(choice.nextCallIndex, index + 1);
    choice.latestCall = call;
    choice.latest = call;
    return call;
  }

  private startCall(choice: Choice, call: CallBlock): void {
    if (call.isStarted || call.id === "" || call.name === "") return;
    call.isStarted = true;
    const position = { choiceIndex: choice.index, contentIndex: call.contentIndex, index: call.index };
    const { id, name } = call;
    this.receiver.onEvent({
      type: "toolcall_start",
      ...position,
      id,
      name,
      ...(call.isRecovered ? { recovered: true } : {}),
    });
    const early = call.builder.toString();
    if (early !== "") this.receiver.onEvent({ type: "toolcall_delta", ...position, delta: early });
  }

  private argumentsDelta(choice: Choice, call: CallBlock, delta: string): void {
    if (choice.openProse !== undefined) this.closeProse(choice);
    choice.latestCall = call;
    choice.latest = call;
    call.length += delta.length;
    const { argumentsLength } = this.limits;
    if (call.length > argumentsLength) throw new LimitExceeded("argumentsLength", argumentsLength);
    call.builder.append(delta);
    if (!call.isStarted) return;
    this.receiver.onEvent({
      type: "toolcall_delta",
      choiceIndex: choice.index,
      contentIndex: call.contentIndex,
      index: call.index,
      delta,
    });
  }

  private prose(choice: Choice, kind: "text" | "thinking", delta: string): void {
    let block = choice.openProse;
    if (block === undefined || block.kind !== kind) block = this.openProse(choice, kind);
    block.builder.append(delta);
    const choiceIndex = choice.index;
    const { contentIndex } = block;
    if (kind === "text") this.receiver.onEvent({ type: "text_delta", choiceIndex, contentIndex, delta });
    else this.receiver.onEvent({ type: "thinking_delta", choiceIndex, contentIndex, delta });
  }

  private openProse(choice: Choice, kind: "text" | "thinking"): ProseBlock {
    this.closeProse(choice);
    const block = new ProseBlock(kind, this.told.blocks + choice.blocks.length);
    choice.blocks.push(block);
    choice.openProse = block;
    choice.latest = block;
    this.receiver.onEvent({ type: `${kind}_start`, choiceIndex: choice.index, contentIndex: block.contentIndex });
    return block;
  }

  private closeProse(choice: Choice): void {
    const block = choice.openProse;
    if (block === undefined) return;
    choice.openProse = undefined;
    const position = { choiceIndex: choice.index, contentIndex: block.contentIndex };
    const whole = block.builder.toString();
    if (block.kind === "text") this.receiver.onEvent({ type: "text_end", ...position, text: whole });
    else this.receiver.onEvent({ type: "thinking_end", ...position, thinking: whole });
  }

  private recovered(choice: Choice, pieces: readonly MarkupPiece[]): void {
    for (const piece of pieces) {
      if (piece.type !== "toolcall") {
        if (piece.text !== "") this.prose(choice, piece.type, piece.text);
        continue;
      }
      const call = this.openCall(choice, choice.nextCallIndex);
      call.isRecovered = true;
      call.name = piece.name;
      call.id = this.madeUpId(choice, call);
      this.startCall(choice, call);
      if (piece.argumentsText !== "") this.argumentsDelta(choice, call, piece.argumentsText);
    }
  }

  private readTokens(choice: Choice, wire: WireChoice): void {
    const { logprobs, token_ids: tokenIds } = wire;
    const hasLogprobs = logprobs !== undefined && logprobs !== null;
    if (!hasLogprobs && !Array.isArray(tokenIds)) return;
    // One by one: an answer that is not streamed has more of them than a call may have arguments.
    if (hasLogprobs && Array.isArray(logprobs.content)) {
      choice.logprobs ??= [];
      for (const each of logprobs.content) choice.logprobs.push(each);
    }
    if (Array.isArray(tokenIds)) {
      choice.tokenIds ??= [];
      for (const each of tokenIds) choice.tokenIds.push(each);
    }
    this.receiver.onEvent({
      type: "tokens",
      choiceIndex: choice.index,
      ...(hasLogprobs ? { logprobs } : {}),
      ...(Array.isArray(tokenIds) ? { tokenIds } : {}),
    });
  }

  private finishChoice(choice: Choice): ChatChoice {
    const { finish: known, stopReason } = choice;
    // Without a finish reason nothing proves a call that no marker closes.
    const wasCut = known === undefined || (known.ending !== "failed" && isCut(refineEnding(known.ending, stopReason)));
    // Before the text that is still held back, which may be blanks behind the calls.
    const finish = known ?? this.madeUpFinish(choice);
    if (choice.markupReader !== undefined) this.recovered(choice, choice.markupReader.end(wasCut));
    this.closeProse(choice);
    if (finish.ending === "failed") throw new Error("finish() needs a complete stream");
    const ending = refineEnding(finish.ending, stopReason);
    const callEnding = ending === "complete" && this.usedAllTokens() ? "truncated" : ending;
    const toolCalls = choice.blocks
      .filter((block) => block instanceof CallBlock)
      .map((call) => this.endCall(choice, call, { ending: callEnding, isLast: choice.latest === call }));
    const text = joinBlocks(choice.blocks, "text");
    const thinking = joinBlocks(choice.blocks, "thinking");
    if (ending === "unknown") this.warn(unknownFinishReason(finish.reason));
    this.warnAbout({ text, thinking, toolCalls, hitLimit: callEnding === "truncated" });
    return {
      choiceIndex: choice.index,
      text,
      thinking,
      toolCalls,
      finishReason: finish.reason,
      ending,
      ...given("stopReason", choice.stopReason),
      message: toMessage(text, thinking, toolCalls),
      ...given("emptyTurn", this.emptyTurn(text, thinking, toolCalls, ending)),
      ...(choice.isRepaired ? { repaired: true } : {}),
      ...given("logprobs", choice.logprobs && { content: choice.logprobs }),
      ...given("tokenIds", choice.tokenIds),
    };
  }

  private madeUpFinish(choice: Choice): Extract<Finish, { ending: AnswerEnding }> {
    if (!this.isWhole(choice)) throw new Error("finish() needs a complete stream");
    this.repair(choice, "no-finish-reason");
    return { reason: "tool_calls", ending: "complete" };
  }

  /** vLLM up to 0.30 says `tool_calls` for a call that `max_tokens` cut. */
  private usedAllTokens(): boolean {
    const { maxTokens } = this.options;
    const used = this.usage?.completion_tokens;
    return this.choices.length === 1 && maxTokens !== undefined && typeof used === "number" && used >= maxTokens;
  }

  private endCall(choice: Choice, call: CallBlock, ending: Parameters<CallBlock["toToolCall"]>[0]): ParsedToolCall {
    if (call.id === "") call.id = this.madeUpId(choice, call);
    const { largeIntegers } = this.options;
    const isOfTool = this.options.toolNames.includes(call.name);
    const toolCall = call.toToolCall(ending, { ...this.limits, largeIntegers, isOfTool });
    for (const repair of call.repairs) this.repair(choice, repair);
    if (toolCall.arguments !== undefined && roundsIntegers(toolCall.argumentsText, toolCall.arguments, largeIntegers))
      this.warn(INTEGER_ROUNDED);
    const position = { choiceIndex: choice.index, contentIndex: call.contentIndex, index: call.index };
    if (!call.isStarted) {
      call.isStarted = true;
      this.receiver.onEvent({ type: "toolcall_start", ...position, id: call.id, name: call.name });
      if (toolCall.argumentsText !== "")
        this.receiver.onEvent({ type: "toolcall_delta", ...position, delta: toolCall.argumentsText });
    }
    this.receiver.onEvent({ type: "toolcall_end", ...position, toolCall });
    return toolCall;
  }

  private madeUpId(choice: Choice, call: CallBlock): string {
    return `${this.id === "" ? "chatcmpl" : this.id}-tool-${choice.index}-${call.index}`;
  }

  private emptyTurn(
    text: string,
    thinking: string,
    toolCalls: readonly ParsedToolCall[],
    ending: AnswerEnding,
  ): EmptyTurn | undefined {
    if (isCut(ending)) return undefined;
    if (toolCalls.length > 0 || text.trim() !== "") return undefined;
    if (thinking.trim() === "") return "nothing";
    return this.options.reasoningMayBeAnswer === true ? "answer-in-thought" : "thought-only";
  }

  private warnAbout(answer: {
    text: string;
    thinking: string;
    toolCalls: readonly ParsedToolCall[];
    hitLimit: boolean;
  }): void {
    const { text, thinking, toolCalls, hitLimit } = answer;
    const { askedOutput } = this.options;
    const limited = hitLimit && this.choices.length === 1 ? outputLimited(askedOutput, this.usage) : undefined;
    if (limited !== undefined) this.warn(limited);
    if (hitLimit && toolCalls.length === 0 && text.trim() === "" && thinking.trim() !== "") {
      this.warn(thinkingUsedUpBudget(this.usage?.completion_tokens_details?.reasoning_tokens ?? undefined));
    }
    const leaks = findLeakedMarkup({
      text,
      hasThinking: thinking !== "",
      hasCalls: toolCalls.length > 0,
      mayCall: this.options.toolNames.length > 0,
      forbidsCalls: this.options.forbidsCalls === true,
      recovered: this.options.recovered ?? { thinkTags: false, toolCallText: false },
    });
    for (const warning of leaks) this.warn(warning);
  }

  /** The choice that a piece of an answer goes to. */
  private growing(index: number): Choice | undefined {
    const choice = this.choice(index);
    if (choice?.finish !== undefined) choice.wentOn = true;
    return choice;
  }

  /** Undefined for one that the request did not ask for: it is named, and costs no memory. */
  private choice(index: number): Choice | undefined {
    const first = this.choices[0];
    if (first !== undefined && first.index === index) return first;
    const known = this.choicesByIndex.get(index);
    if (known !== undefined) return known;
    if (!Number.isInteger(index) || index < 0 || index >= this.expectedChoices) {
      this.hasUnexpectedChoice = true;
      this.warn(unexpectedChoice(this.expectedChoices));
      return undefined;
    }
    const made = new Choice(index, this.options.createMarkupReader?.());
    this.choices.push(made);
    this.choicesByIndex.set(index, made);
    return made;
  }
}

function isAmong(warnings: readonly ChatWarning[], { code, message }: ChatWarning): boolean {
  return warnings.some((known) => known.code === code && known.message === message);
}

/** Routers and other servers may send anything where vLLM sends an object. */
function isObject<Value>(value: Value): value is Value & object {
  return typeof value === "object" && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** The arguments of a delta; servers other than vLLM send an object. */
function toText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : "";
}

/** `{ [key]: value }`, or nothing: absent facts have no key. */
function given<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value });
}
