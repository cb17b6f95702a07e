import type { ParsedToolCall, WireUsage } from "@vllm/client";
import type {
  AssistantBlock,
  AgentModelRow,
  OutputTurn,
  TurnEvent,
  TurnStopReason,
  TurnUsage,
} from "./stream-types.ts";

/** Grows one assistant turn and tells each step, in the agent's words. */
export interface TurnBuilder {
  readonly turn: OutputTurn;
  start(responseId: string): void;
  text(delta: string): void;
  thinking(delta: string): void;
  /** A call that is whole: it appears at once. */
  toolCall(call: ParsedToolCall): void;
  addUsage(usage: WireUsage | undefined): void;
  /** Ends the open block, so that what comes next is a block of its own. */
  endBlock(): void;
  finish(reason: "stop" | "length" | "toolUse"): void;
  fail(reason: "error" | "aborted", error: { message: string; code: string }): void;
}

export function createTurnBuilder(model: AgentModelRow, push: (event: TurnEvent) => void): TurnBuilder {
  const turn: OutputTurn = {
    role: "assistant",
    content: [],
    api: model.api,
    provider: model.provider,
    model: model.id,
    usage: noUsage(),
    stopReason: "stop",
    timestamp: Date.now(),
  };
  let hasStarted = false;
  let openKind: "text" | "thinking" | undefined;

  function open(kind: "text" | "thinking"): void {
    if (openKind === kind) return;
    endBlock();
    turn.content.push(
      kind === "text" ? { type: "text", text: "" } : { type: "thinking", thinking: "", thinkingSignature: "reasoning" },
    );
    openKind = kind;
    push({ type: `${kind}_start`, contentIndex: turn.content.length - 1, partial: turn });
  }

  function endBlock(): void {
    if (openKind === undefined) return;
    const block = turn.content.at(-1) as AssistantBlock;
    const content = block.type === "text" ? block.text : block.type === "thinking" ? block.thinking : "";
    push({ type: `${openKind}_end`, contentIndex: turn.content.length - 1, content, partial: turn });
    openKind = undefined;
  }

  function end(stopReason: TurnStopReason): void {
    if (!hasStarted && stopReason !== "error" && stopReason !== "aborted") start("");
    endBlock();
    turn.stopReason = stopReason;
  }

  function start(responseId: string): void {
    if (responseId !== "") turn.responseId ??= responseId;
    if (hasStarted) return;
    hasStarted = true;
    push({ type: "start", partial: turn });
  }

  return {
    turn,
    start,
    endBlock,
    text(chunk) {
      // After a thought, templates leave blank lines in front of the answer.
      const delta = openKind === "text" ? chunk : chunk.replace(/^\n+/, "");
      if (delta === "") return;
      open("text");
      (turn.content.at(-1) as { text: string }).text += delta;
      push({ type: "text_delta", contentIndex: turn.content.length - 1, delta, partial: turn });
    },
    thinking(delta) {
      open("thinking");
      (turn.content.at(-1) as { thinking: string }).thinking += delta;
      push({ type: "thinking_delta", contentIndex: turn.content.length - 1, delta, partial: turn });
    },
    toolCall({ id, name, arguments: parsed, argumentsText }) {
      endBlock();
      const toolCall = { type: "toolCall" as const, id: freeId(turn, id), name, arguments: parsed ?? {} };
      turn.content.push(toolCall);
      const contentIndex = turn.content.length - 1;
      push({ type: "toolcall_start", contentIndex, partial: turn });
      push({ type: "toolcall_delta", contentIndex, delta: argumentsText, partial: turn });
      push({ type: "toolcall_end", contentIndex, toolCall, partial: turn });
    },
    addUsage(usage) {
      if (usage !== undefined) turn.usage = sum(turn.usage, usage, model);
    },
    finish(reason) {
      end(reason);
      push({ type: "done", reason, message: turn });
    },
    fail(reason, { message, code }) {
      end(reason);
      turn.errorMessage = message;
      turn.errorCode = code;
      push({ type: "error", reason, error: turn });
    },
  };
}

/** vLLM may use one id twice in an answer; the agent pairs results with calls by it. */
function freeId(turn: OutputTurn, id: string): string {
  const taken = new Set(turn.content.flatMap((block) => (block.type === "toolCall" ? [block.id] : [])));
  if (!taken.has(id)) return id;
  for (let number = 2; ; number += 1) if (!taken.has(`${id}-${number}`)) return `${id}-${number}`;
}

function noUsage(): TurnUsage {
  const none = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  return { ...none, totalTokens: 0, cost: { ...none, total: 0 } };
}

/** The prompt of the last request, and the output of all: a turn that was asked for twice was made twice. */
function sum(before: TurnUsage, usage: WireUsage, model: AgentModelRow): TurnUsage {
  const prompt = usage.prompt_tokens ?? 0;
  const cacheRead = Math.min(usage.prompt_tokens_details?.cached_tokens ?? 0, prompt);
  const input = prompt - cacheRead;
  const output = before.output + (usage.completion_tokens ?? 0);
  const reasoning = (before.reasoningTokens ?? 0) + (usage.completion_tokens_details?.reasoning_tokens ?? 0);
  const { cost = {} } = model;
  const price = (tokens: number, perMillion: number | undefined): number => (tokens * (perMillion ?? 0)) / 1_000_000;
  const costs = {
    input: price(input, cost.input),
    output: price(output, cost.output),
    cacheRead: price(cacheRead, cost.cacheRead),
    cacheWrite: 0,
  };
  return {
    input,
    output,
    cacheRead,
    cacheWrite: 0,
    ...(reasoning === 0 ? {} : { reasoningTokens: reasoning }),
    totalTokens: prompt + output,
    cost: { ...costs, total: costs.input + costs.output + costs.cacheRead },
  };
}
