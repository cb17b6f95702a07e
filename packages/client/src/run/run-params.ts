import { VllmError } from "@vllm/schema/core";
import { isRecord } from "@vllm/schema/internal";
import type { ChatMessage, ChatOptions, ChatParams, ChatResult, RunnableTool, WireUsage } from "@vllm/client";

/** What `stopWhen` decides by. */
export interface RunState {
  /** Every turn so far; the calls of the last one have their results. */
  steps: readonly ChatResult[];
  messages: readonly ChatMessage[];
  /** Of all turns together. */
  usage: WireUsage | undefined;
}

/** A chat request with tools that can be run, and when to stop. A forced `tool_choice` is for the first turn. */
export interface RunToolsParams<Output = unknown> extends Omit<ChatParams<Output>, "tools" | "n"> {
  /** Made by `defineTool` with `execute`. */
  tools: readonly RunnableTool[];
  /** How many turns the model gets, at most. Default 25. */
  maxSteps?: number | undefined;
  /** Ends the run before the next turn once prompts and answers together have reached so many tokens, as the server counts. */
  maxTokensTotal?: number | undefined;
  /** Called after the calls of a turn were run: true ends the run. */
  stopWhen?: ((state: RunState) => boolean | Promise<boolean>) | undefined;
  /** The model's window in tokens. Default: what the profile of this run or the server's list of models says. */
  contextWindow?: number | undefined;
}

/** Options of a run: those of a chat. `brokenCalls` is `retry`, and `resume` is on, unless it says otherwise. */
export type RunToolsOptions = ChatOptions;

/** @throws {VllmError} `INVALID_REQUEST` with the first thing that is wrong */
export function checkRunParams(params: unknown): void {
  if (!isRecord(params) || !Array.isArray(params["tools"])) {
    throw refuse("The run has no list of tools.", "Pass tools: [defineTool({ name, parameters, execute })].");
  }
  if (!Array.isArray(params["messages"])) {
    throw refuse("The run has no list of messages.", 'Pass messages: [{ role: "user", content: "…" }].');
  }
  const { tools, n, maxSteps, maxTokensTotal, contextWindow, stopWhen } = params;
  const names = new Set<string>();
  for (const [index, tool] of tools.entries()) {
    const { name, execute } = toRunnable(tool);
    if (name === undefined || typeof execute !== "function") {
      throw refuse(
        `tools[${index}] cannot be run: it has no execute.`,
        "Pass the very tool that defineTool made of { name, parameters, execute }; a copy ({ ...tool }) loses it.",
      );
    }
    if (names.has(name)) throw refuse(`Two tools are called ${name}.`, "Give each tool a name of its own.");
    names.add(name);
  }
  if (n !== undefined && n !== null && n !== 1) throw refuse("A run has one answer (n).", "Leave n out.");
  for (const [name, value] of Object.entries({ maxSteps, maxTokensTotal, contextWindow })) {
    if (value !== undefined && !(Number.isInteger(value) && Number(value) > 0)) {
      throw refuse(`${name} is not a whole number from 1.`, `Pass a number, or leave ${name} out.`);
    }
  }
  if (stopWhen !== undefined && typeof stopWhen !== "function") {
    throw refuse("stopWhen is not a function.", "Pass a function: stopWhen: ({ steps }) => steps.length >= 3.");
  }
}

function toRunnable(tool: unknown): { name?: string; execute?: unknown } {
  const definition = isRecord(tool) ? tool["function"] : undefined;
  if (!isRecord(definition) || typeof definition["name"] !== "string") return {};
  return { name: definition["name"], execute: (tool as { execute?: unknown }).execute };
}

function refuse(message: string, hint: string): VllmError {
  return new VllmError({ code: "INVALID_REQUEST", message, hint });
}
