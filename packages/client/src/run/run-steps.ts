import { VllmError } from "@vllm/schema/core";
import { aborted } from "@vllm/schema/internal";
import { sumUsage } from "../broken-calls/sum-usage.ts";
import type { VllmClient } from "../create-vllm-client.ts";
import { conversationId, type ChatMessage, type ChatParams } from "../request/index.ts";
import { isForced } from "../request/to-text-tool-request.ts";
import type { ChatResult } from "../stream/result.ts";
import type { ParsedToolCall } from "../stream/tool-call.ts";
import type { WireUsage } from "../stream/wire-chunk.ts";
import { answerCall, refuse } from "./answer-call.ts";
import { LoopGuard, toLoopAnswer } from "./loop-guard.ts";
import { findWindow } from "./model-window.ts";
import type { RunDoneEvent, RunEvent, RunStop, ToolResultEvent } from "./run-events.ts";
import { RunHistory } from "./run-history.ts";
import { checkRunParams, type RunToolsOptions, type RunToolsParams } from "./run-params.ts";

const MAX_STEPS = 25;

/** A run from its first request to its one end: asks, runs the calls, asks again. */
export class RunSteps<Output> {
  private readonly client: VllmClient;
  private readonly params: RunToolsParams<Output>;
  private readonly options: RunToolsOptions;
  /** The run's own: aborted by the caller's, and when the run is left. */
  private readonly signal: AbortSignal;
  private readonly request: ChatParams<Output>;
  private readonly history: RunHistory;
  private readonly guard = new LoopGuard();
  private readonly steps: ChatResult<Output>[] = [];
  private readonly warned = new Set<string>();
  private usage: WireUsage | undefined;
  /** Blocks of the turns before this one: theirs are numbered first. */
  private blocks = 0;
  private repeats = false;

  constructor(client: VllmClient, params: RunToolsParams<Output>, options: RunToolsOptions, signal: AbortSignal) {
    checkRunParams(params);
    const { maxSteps: _steps, maxTokensTotal: _total, stopWhen: _stop, contextWindow, tools, ...request } = params;
    this.client = client;
    this.params = params;
    this.options = options;
    this.signal = signal;
    this.request = {
      affinity: conversationId(request.messages) ?? newName(),
      ...request,
      strictTools: request.strictTools ?? "auto",
      tools,
    };
    const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? undefined;
    this.history = new RunHistory({
      messages: request.messages,
      tools,
      maxTokens,
      countTokens: (messages) => this.count(messages),
    });
    const { profile } = options;
    this.history.window = contextWindow ?? (typeof profile === "object" ? profile.contextWindow?.value : undefined);
  }

  get messages(): ChatMessage[] {
    return this.history.messages;
  }

  async *run(): AsyncGenerator<RunEvent<Output>, RunDoneEvent<Output>, undefined> {
    const { maxSteps = MAX_STEPS } = this.params;
    for (let step = 1; ; step += 1) {
      const result = yield* this.ask(step);
      this.steps.push(result);
      this.usage = sumUsage(this.usage, result.usage);
      this.history.addAnswer(result.message, result.lastUsage ?? result.usage);
      yield { type: "step", step, result };
      if (result.toolCalls.length === 0) return this.finish(result, undefined);
      yield* this.answerCalls(result.toolCalls);
      const stoppedBy = await this.unlessAborted(this.findStop(step >= maxSteps));
      if (stoppedBy !== undefined) return this.finish(result, stoppedBy);
      this.history.window ??= await this.unlessAborted(findWindow(this.client, result.model));
    }
  }

  /** One turn of the model; asked again with less when the server says that it cannot take that much. */
  private async *ask(step: number): AsyncGenerator<RunEvent<Output>, ChatResult<Output>, undefined> {
    const trimmed = await this.history.fit();
    if (trimmed !== undefined) yield trimmed;
    for (;;) {
      try {
        return yield* this.stream(step);
      } catch (error) {
        if (!VllmError.isInstance(error) || error.code !== "CONTEXT_LENGTH_EXCEEDED") throw error;
        const { maxModelLen, promptTokens } = error;
        const shrunk = this.history.shrink(maxModelLen, promptTokens);
        if (shrunk === undefined) throw error;
        yield shrunk;
      }
    }
  }

  private async *stream(step: number): AsyncGenerator<RunEvent<Output>, ChatResult<Output>, undefined> {
    const { requestId } = this.options;
    const { tool_choice: choice } = this.request;
    const isFirst = step === 1;
    const reply = this.client.chat<Output>(
      {
        ...this.request,
        messages: this.history.messages,
        ...(!isFirst && isForced(choice) ? { tool_choice: "auto" } : {}),
      },
      {
        brokenCalls: "retry",
        resume: true,
        ...this.options,
        signal: this.signal,
        ...(requestId === undefined || isFirst ? {} : { requestId: `${requestId}-${step}` }),
      },
    );
    let next = this.blocks;
    for await (const event of reply) {
      if (event.type === "done" || (event.type === "start" && !isFirst)) continue;
      if (event.type === "warning" && !this.isNews(event.warning)) continue;
      if ("contentIndex" in event) {
        const contentIndex = this.blocks + event.contentIndex;
        next = Math.max(next, contentIndex + 1);
        yield { ...event, contentIndex };
      } else yield event;
    }
    this.blocks = next;
    return reply.result();
  }

  /** All calls run at once; their results come, and are sent, in the order of the calls. */
  private async *answerCalls(calls: readonly ParsedToolCall[]): AsyncGenerator<RunEvent<Output>, void, undefined> {
    const answers = calls.map((call) => this.startCall(call));
    for (const answer of answers) {
      const result = await this.unlessAborted(answer);
      this.history.add({ role: "tool", tool_call_id: result.toolCallId, content: result.output });
      yield result;
    }
  }

  private startCall(call: ParsedToolCall): Promise<ToolResultEvent> {
    const verdict = this.guard.check(call.name, call.arguments ?? call.argumentsText);
    if (verdict === "run") return answerCall(call, this.params.tools, this.signal);
    this.repeats ||= verdict === "stop";
    return Promise.resolve(refuse(call, toLoopAnswer(call.name)));
  }

  private async findStop(isLastStep: boolean): Promise<RunStop | undefined> {
    const { steps, usage, history } = this;
    const { maxTokensTotal = Infinity, stopWhen } = this.params;
    if (this.repeats) return "repeated-call";
    if (await stopWhen?.({ steps, messages: history.messages, usage })) return "stop-when";
    const total = (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0);
    if (total >= maxTokensTotal) return "max-tokens-total";
    return isLastStep ? "max-steps" : undefined;
  }

  private finish(last: ChatResult<Output>, stoppedBy: RunStop | undefined): RunDoneEvent<Output> {
    const { steps, usage } = this;
    return {
      type: "done",
      ...last,
      ...(usage === undefined ? {} : { usage, lastUsage: last.lastUsage ?? last.usage }),
      messages: this.history.messages,
      steps,
      ...(stoppedBy === undefined ? {} : { stoppedBy }),
    };
  }

  private async count(messages: readonly ChatMessage[]): Promise<number | undefined> {
    const { profile } = this.options;
    try {
      return await this.client.countTokens({ ...this.request, messages }, { signal: this.signal, profile });
    } catch (error) {
      if (this.signal.aborted) throw error;
      return undefined;
    }
  }

  private isNews({ code, message }: { code: string; message: string }): boolean {
    const key = `${code} ${message}`;
    const isNews = !this.warned.has(key);
    this.warned.add(key);
    return isNews;
  }

  /** A tool that does not listen to its signal must not keep the run. */
  private unlessAborted<Value>(promise: Promise<Value>): Promise<Value> {
    const { signal } = this;
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(aborted(signal.reason));
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener("abort", onAbort, { once: true });
      void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
    });
  }
}

/** A name for the conversation, by which routers keep it on one server; pages that are not secure have no `randomUUID`. */
function newName(): string | undefined {
  return globalThis.crypto?.randomUUID?.();
}
