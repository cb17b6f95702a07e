import type { ChatEvent, ChatResult, WireUsage } from "@vllm/client";
import type { AnswerTarget } from "./answer-target.ts";
import type { ErrorReply } from "./error-reply.ts";
import { createChunkRenderer, DONE } from "./render-answer.ts";

export interface StreamedAnswerOptions {
  /** The client asked for a chunk with usage (`stream_options.include_usage`). */
  wantsUsage: boolean;
  /** Silence after which a comment is sent, in ms. */
  keepAliveMs: number | false;
  /** Model of the request, until vLLM names the one that answers. */
  model: string;
}

/** A streamed answer on its way to the client. */
export interface StreamedAnswer {
  /** Passes on an event; a promise when the client has to catch up first. */
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

export function createStreamedAnswer(target: AnswerTarget, options: StreamedAnswerOptions): StreamedAnswer {
  const { keepAliveMs, wantsUsage, model } = options;
  const renderer = createChunkRenderer(model);
  const writer = target.stream(HEAD);
  let hasBegun = false;
  // Checks twice as often as it may speak, so that an event costs no clock.
  let quietChecks = 0;
  const timer =
    keepAliveMs === false
      ? undefined
      : setInterval(() => {
          quietChecks += 1;
          if (quietChecks > 1) void write(": keep-alive\n\n");
        }, keepAliveMs / 2);

  function write(text: string): Promise<void> | undefined {
    quietChecks = 0;
    hasBegun = true;
    return writer.write(text);
  }

  return {
    onEvent(event) {
      const text = renderer.renderEvent(event);
      return text === undefined ? undefined : write(text);
    },
    finish(result, usage) {
      clearInterval(timer);
      void write(renderer.renderEnd(result, wantsUsage ? usage : undefined));
      writer.end();
    },
    fail({ status, headers, body, event }) {
      clearInterval(timer);
      if (target.isOver) return;
      if (hasBegun) {
        void write(`data: ${JSON.stringify(event)}\n\n${DONE}`);
        writer.end();
      } else target.json(status, headers, body);
    },
  };
}
