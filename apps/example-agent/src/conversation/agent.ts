import { randomUUID } from "node:crypto";
import type { DoneEvent, ParsedToolCall, VllmClient } from "@vllm/client";
import type { ModelProfile } from "@vllm/schema";
import { VllmError } from "@vllm/schema";
import type { ToolOutcome } from "../tools/run-tool-call.ts";
import { runToolCall } from "../tools/run-tool-call.ts";
import type { ToolDefinition } from "../tools/to-tool-definition.ts";
import { toToolDefinition } from "../tools/to-tool-definition.ts";
import type { Tool } from "../tools/tool.ts";
import type { AgentEvent } from "./agent-event.ts";
import type { Turn } from "./conversation.ts";
import { toMessages } from "./conversation.ts";
import { fitHistory } from "./fit-history.ts";
import type { LoopGuard } from "./loop-guard.ts";
import { createLoopGuard, toLoopAnswer } from "./loop-guard.ts";
import type { ChatMessage } from "./message.ts";
import { createReplyTimer } from "./reply-timer.ts";
import type { TokenCounter } from "./token-counter.ts";
import type { UsageTotals } from "./usage-totals.ts";
import { addUsage, NO_USAGE } from "./usage-totals.ts";
import { whyIncomplete } from "./why-incomplete.ts";

/** Requests for one question, at most: some models call tools for ever. */
const MAX_REQUESTS = 25;

export interface AgentOptions {
  client: VllmClient;
  model: ModelProfile;
  system: string;
  tools: readonly Tool[];
  countTokens: TokenCounter;
}

/** A model, its tools and one conversation. */
export interface Agent {
  readonly model: ModelProfile;
  readonly usage: UsageTotals;
  /** Prompt plus answer in tokens: the model's, or less once the server has said so. */
  readonly contextWindow: number;
  /** Turns that the model still remembers. */
  readonly turnCount: number;
  /** Another model for the same conversation. */
  use(model: ModelProfile): void;
  /** Forgets the conversation. */
  reset(): void;
  /**
   * Answers a question, running tools until the model is done.
   * A turn that fails without any text is forgotten; else what arrived is kept, so that the person can say "go on".
   *
   * @returns whether the answer is whole.
   * @throws {VllmError} what ended the answer, with `partial`; or the signal's reason.
   */
  ask(question: string, signal: AbortSignal): AsyncGenerator<AgentEvent, boolean, undefined>;
}

export function createAgent(options: AgentOptions): Agent {
  const { client, system, tools, countTokens } = options;
  let { model } = options;
  let definitions: readonly ToolDefinition[] = tools.map(toToolDefinition);
  let contextWindow = model.contextWindow.value;
  let usage = NO_USAGE;
  const affinity = randomUUID();
  let past: readonly Turn[] = [];

  async function* ask(question: string, signal: AbortSignal): AsyncGenerator<AgentEvent, boolean, undefined> {
    let turn: Turn = [{ role: "user", content: question }];
    const guard = createLoopGuard();
    try {
      for (let requests = 1; ; requests += 1) {
        const done = yield* request(turn, signal, (shorter) => (turn = shorter));
        turn = [...turn, done.message];
        const problem = whyIncomplete(done);
        if (done.toolCalls.length === 0) return yield* finish(turn, problem);
        let isLooping = false;
        for (const call of done.toolCalls) {
          const { outcome, verdict } = await answerCall(call, guard, signal);
          isLooping ||= verdict === "stop";
          turn = [...turn, { role: "tool", tool_call_id: call.id, content: outcome.output }];
          yield { type: "tool_result", id: call.id, name: call.name, ...outcome };
        }
        if (problem !== undefined) return yield* finish(turn, problem);
        if (isLooping)
          return yield* finish(turn, "There is no answer: the model repeats the same tool call again and again.");
        if (requests >= MAX_REQUESTS)
          return yield* finish(
            turn,
            `There is no answer: the model was still calling tools after ${MAX_REQUESTS} requests.`,
          );
      }
    } catch (error) {
      const text = VllmError.isInstance(error) ? (error.partial?.text ?? "") : "";
      if (text.trim() !== "") past = [...past, [...turn, { role: "assistant", content: text }]];
      throw error;
    }
  }

  async function* finish(turn: Turn, problem: string | undefined): AsyncGenerator<AgentEvent, boolean, undefined> {
    past = [...past, turn];
    if (problem !== undefined) yield { type: "incomplete", reason: problem };
    return problem === undefined;
  }

  /** One answer of the server; asked again with less when it says that it cannot take that much. */
  async function* request(
    given: Turn,
    signal: AbortSignal,
    onShortened: (turn: Turn) => void,
  ): AsyncGenerator<AgentEvent, DoneEvent, undefined> {
    let turn = given;
    for (;;) {
      const fit = await fitHistory(
        { system, turns: [...past, turn] },
        {
          contextWindow,
          tools: definitions,
          countTokens: (messages) => countTokens(model.id, messages, definitions, signal),
        },
      );
      past = fit.turns.slice(0, -1);
      turn = fit.turns.at(-1) ?? turn;
      onShortened(turn);
      const { droppedTurns, shortenedResults } = fit;
      if (droppedTurns + shortenedResults > 0) yield { type: "history_shortened", droppedTurns, shortenedResults };
      try {
        return yield* stream(toMessages({ system, turns: [...past, turn] }), signal);
      } catch (error) {
        if (!VllmError.isInstance(error)) throw error;
        if (error.code === "CONTEXT_LENGTH_EXCEEDED") {
          const believed = contextWindow;
          contextWindow = Math.min(believed, error.maxModelLen ?? believed);
          const dropped = Math.ceil(past.length / 2);
          // With one turn alone, only a window that is news can make it shorter.
          if (dropped === 0 && contextWindow === believed) throw error;
          past = past.slice(dropped);
          if (dropped > 0) yield { type: "history_shortened", droppedTurns: dropped, shortenedResults: 0 };
        } else if (error.code === "TOOL_PARSER_NOT_ENABLED" && definitions.length > 0) {
          definitions = [];
          const message = `${error.message} It is asked without tools.`;
          yield { type: "notice", code: error.code, message, hint: error.hint };
        } else throw error;
      }
    }
  }

  async function* stream(
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): AsyncGenerator<AgentEvent, DoneEvent, undefined> {
    const timer = createReplyTimer();
    const reply = client.chat({ model: model.id, messages, tools: definitions, affinity }, { signal, profile: model });
    let done: DoneEvent | undefined;
    for await (const event of reply) {
      timer.see(event);
      yield event;
      if (event.type === "done") done = event;
    }
    if (done === undefined) throw new TypeError("The reply ended without its done event.");
    usage = addUsage(usage, done.usage);
    yield timer.statistics(done.usage);
    return done;
  }

  async function answerCall(
    call: ParsedToolCall,
    guard: LoopGuard,
    signal: AbortSignal,
  ): Promise<{ outcome: ToolOutcome; verdict: string }> {
    const verdict = guard.check(call.name, call.arguments ?? call.argumentsText);
    if (call.arguments === undefined) {
      return {
        outcome: { output: `Not run. ${call.parseError?.message ?? "The arguments cannot be read."}`, isError: true },
        verdict,
      };
    }
    if (verdict !== "run") return { outcome: { output: toLoopAnswer(call.name), isError: true }, verdict };
    const context = { signal, maxChars: toolResultChars(contextWindow) };
    return { outcome: await runToolCall({ name: call.name, arguments: call.arguments }, tools, context), verdict };
  }

  return {
    get model() {
      return model;
    },
    get usage() {
      return usage;
    },
    get contextWindow() {
      return contextWindow;
    },
    get turnCount() {
      return past.length;
    },
    use(next) {
      model = next;
      contextWindow = next.contextWindow.value;
      definitions = tools.map(toToolDefinition);
    },
    reset() {
      past = [];
      usage = { ...usage, context: 0 };
    },
    ask,
  };
}

/** A tool's result may fill about a fifth of the window: 3/4 of a character for each token of it. */
function toolResultChars(contextWindow: number): number {
  return Math.max(1000, Math.min(24_000, Math.floor(contextWindow * 0.75)));
}
