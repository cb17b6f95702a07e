import { randomUUID } from "node:crypto";
import type { ChatMessage, VllmClient } from "@vllm/client";
import { runTools, type RunResult, type ToolRun } from "@vllm/client/run";
import type { ModelProfile } from "@vllm/schema";
import { VllmError } from "@vllm/schema";
import { toRunnableTool } from "../tools/to-runnable-tool.ts";
import type { Tool } from "../tools/tool.ts";
import type { AgentEvent } from "./agent-event.ts";
import { createReplyTimer } from "./reply-timer.ts";
import type { UsageTotals } from "./usage-totals.ts";
import { addUsage, NO_USAGE } from "./usage-totals.ts";
import { whyIncomplete } from "./why-incomplete.ts";

export interface AgentOptions {
  client: VllmClient;
  model: ModelProfile;
  system: string;
  tools: readonly Tool[];
}

/** A model, its tools and one conversation. */
export interface Agent {
  /** With what this conversation has shown of it. */
  readonly model: ModelProfile;
  readonly usage: UsageTotals;
  /** Prompt plus answer in tokens: the model's, or less once the server has said so. */
  readonly contextWindow: number;
  /** Questions that the model still remembers. */
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
   * @throws {VllmError} what ended the answer, with `partial`; `ABORTED` for the person's stop.
   */
  ask(question: string, signal: AbortSignal): AsyncGenerator<AgentEvent, boolean, undefined>;
}

export function createAgent({ client, model: firstModel, system, tools }: AgentOptions): Agent {
  let model = firstModel;
  let contextWindow = model.contextWindow.value;
  let canCallTools = true;
  let usage = NO_USAGE;
  const affinity = randomUUID();
  const beginning: readonly ChatMessage[] = [{ role: "system", content: system }];
  let past = beginning;

  async function* ask(question: string, signal: AbortSignal): AsyncGenerator<AgentEvent, boolean, undefined> {
    const asked: readonly ChatMessage[] = [...past, { role: "user", content: question }];
    let run = start(asked, signal);
    for (;;) {
      try {
        const result = yield* follow(run);
        past = result.messages;
        const problem = whyIncomplete(result);
        if (problem !== undefined) yield { type: "incomplete", reason: problem };
        return problem === undefined;
      } catch (error) {
        if (!VllmError.isInstance(error)) throw error;
        if (error.code !== "TOOL_PARSER_NOT_ENABLED" || !canCallTools) {
          const text = error.partial?.text ?? "";
          if (text.trim() !== "") past = [...run.messages, { role: "assistant", content: text }];
          throw error;
        }
        canCallTools = false;
        const message = `${error.message} It is asked without tools.`;
        yield { type: "notice", code: error.code, message, hint: error.hint };
        run = start(asked, signal);
      }
    }
  }

  function start(messages: readonly ChatMessage[], signal: AbortSignal): ToolRun {
    const runnable = canCallTools ? tools.map((tool) => toRunnableTool(tool, toolResultChars(contextWindow))) : [];
    const request = { model: model.id, messages, tools: runnable, affinity, contextWindow };
    // Somebody waits: a server that stays away is said soon.
    return runTools(client, request, { signal, profile: model, resume: { waitMs: 10_000 } });
  }

  /** What has been seen to work is not unknown any more. */
  function learn(event: AgentEvent): void {
    if (event.type === "toolcall_end" && event.toolCall.recovered !== true && event.toolCall.parseError === undefined)
      note("toolCalling", "the server read a call in this conversation");
    else if (event.type === "thinking_delta") note("reasoning", "it came apart from an answer in this conversation");
  }

  function note(name: "toolCalling" | "reasoning", evidence: string): void {
    if (model[name].value === "unknown") model = { ...model, [name]: { value: "yes", source: "learned", evidence } };
  }

  async function* follow(run: ToolRun): AsyncGenerator<AgentEvent, RunResult, undefined> {
    let timer = createReplyTimer();
    for await (const event of run) {
      if (event.type === "done") break;
      timer.see(event);
      learn(event);
      yield event;
      if (event.type === "history_trimmed") contextWindow = event.contextWindow;
      if (event.type === "step") {
        usage = addUsage(usage, event.result.usage);
        yield timer.statistics(event.result.usage);
      }
      if (event.type === "tool_result") timer = createReplyTimer();
    }
    return run.result();
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
      return past.filter(({ role }) => role === "user").length;
    },
    use(next) {
      model = next;
      contextWindow = next.contextWindow.value;
      canCallTools = true;
    },
    reset() {
      past = beginning;
      usage = { ...usage, context: 0 };
    },
    ask,
  };
}

/** A tool's result may fill about a fifth of the window: 3/4 of a character for each token of it. */
function toolResultChars(contextWindow: number): number {
  return Math.max(1000, Math.min(24_000, Math.floor(contextWindow * 0.75)));
}
