import type { ServerResponse } from "node:http";
import { toOpenAIFinishReason, type ChatEvent, type ChatResult, type WireUsage } from "@vllm/client";
import { createBodyWriter } from "../server/body-writer.ts";
import type { ErrorReply } from "./error-reply.ts";

export interface StreamedAnswerOptions {
  /** The host asked for a chunk with usage (`stream_options.include_usage`). */
  wantsUsage: boolean;
  /** Silence after which a comment is sent, in ms. */
  keepAliveMs: number | false;
  /** Model of the request, until vLLM names the one that answers. */
  model: string;
}

/** A streamed answer on its way to the host, in the chunks that vLLM 0.32 writes. */
export interface StreamedAnswer {
  /** Passes on an event; a promise when the host has to catch up first. */
  onEvent(event: ChatEvent<unknown>): Promise<void> | undefined;
  /** The calls, the finish, the usage and the end. */
  finish(result: ChatResult<unknown>, usage: WireUsage | undefined): void;
  /** The error as an event, after what was sent so far; as an HTTP status when nothing was sent yet. */
  fail(reply: ErrorReply): void;
}

const HEAD = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // nginx would collect the stream otherwise.
  "x-accel-buffering": "no",
};
const DONE = "data: [DONE]\n\n";

export function createStreamedAnswer(response: ServerResponse, options: StreamedAnswerOptions): StreamedAnswer {
  const created = Math.floor(Date.now() / 1000);
  let prefix = toPrefix("chatcmpl-bridge", created, options.model);
  let hasStarted = false;
  const hasRole = new Set<number>();
  const writer = createBodyWriter(response, HEAD);
  const { keepAliveMs } = options;
  // Looks twice as often as it may speak, so that an event costs no clock.
  let quietLooks = 0;
  const timer =
    keepAliveMs === false
      ? undefined
      : setInterval(() => {
          quietLooks += 1;
          if (quietLooks > 1) void write(": keep-alive\n\n");
        }, keepAliveMs / 2);
  response.once("close", () => clearInterval(timer));

  function write(text: string): Promise<void> | undefined {
    quietLooks = 0;
    return writer.write(text);
  }

  function writeRole(choiceIndex: number): Promise<void> | undefined {
    hasRole.add(choiceIndex);
    return write(toRoleChunk(prefix, choiceIndex));
  }

  function writeDelta(choiceIndex: number, delta: string, rest = WITHOUT_FINISH): Promise<void> | undefined {
    if (!hasRole.has(choiceIndex)) void writeRole(choiceIndex);
    return write(`${prefix}"choices":[{"index":${choiceIndex},"delta":${delta},${rest}}]}\n\n`);
  }

  return {
    onEvent(event) {
      switch (event.type) {
        case "start":
          // A second attempt is the same answer to the host.
          if (hasStarted) return undefined;
          hasStarted = true;
          prefix = toPrefix(event.id, created, event.model);
          return writeRole(0);
        case "text_delta":
          return writeDelta(event.choiceIndex, `{"content":${JSON.stringify(event.delta)}}`);
        case "thinking_delta":
          return writeDelta(event.choiceIndex, `{"reasoning":${JSON.stringify(event.delta)}}`);
        case "tokens": {
          const { logprobs = null, tokenIds = null } = event;
          const rest = `"logprobs":${JSON.stringify(logprobs)},"finish_reason":null,"token_ids":${JSON.stringify(tokenIds)}`;
          return writeDelta(event.choiceIndex, "{}", rest);
        }
        default:
          return undefined;
      }
    },
    finish(result, usage) {
      clearInterval(timer);
      for (const choice of result.choices) {
        const { choiceIndex, toolCalls, stopReason = null } = choice;
        for (const [index, call] of toolCalls.entries()) {
          const whole = { name: call.name, arguments: toArgumentsText(call.argumentsText) };
          const calls = [{ id: call.id, type: "function", index, function: whole }];
          void writeDelta(choiceIndex, JSON.stringify({ tool_calls: calls }));
        }
        const reason = toOpenAIFinishReason(choice);
        const rest = `"logprobs":null,"finish_reason":${JSON.stringify(reason)},"stop_reason":${JSON.stringify(stopReason)},"token_ids":null`;
        void writeDelta(choiceIndex, "{}", rest);
      }
      if (options.wantsUsage && usage !== undefined) {
        const { systemFingerprint } = result;
        const last = { usage, ...(systemFingerprint === undefined ? {} : { system_fingerprint: systemFingerprint }) };
        void write(`${prefix}"choices":[],${JSON.stringify(last).slice(1)}\n\n`);
      }
      void write(DONE);
      writer.end();
    },
    fail({ status, headers, body, event }) {
      clearInterval(timer);
      if (response.destroyed || response.writableEnded) return;
      if (response.headersSent || hasStarted) {
        void write(`data: ${JSON.stringify(event)}\n\n${DONE}`);
        writer.end();
        return;
      }
      response.writeHead(status, { ...headers, "content-type": "application/json" });
      response.end(JSON.stringify(body));
    },
  };
}

/** A call without arguments is `{}` to every host. */
export function toArgumentsText(argumentsText: string): string {
  return argumentsText.trim() === "" ? "{}" : argumentsText;
}

const WITHOUT_FINISH = `"logprobs":null,"finish_reason":null,"token_ids":null`;

function toPrefix(id: string, created: number, model: string): string {
  const head = { id, object: "chat.completion.chunk", created, model };
  return `data: ${JSON.stringify(head).slice(0, -1)},`;
}

function toRoleChunk(prefix: string, choiceIndex: number): string {
  return `${prefix}"choices":[{"index":${choiceIndex},"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}\n\n`;
}
