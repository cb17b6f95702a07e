import type { ChatMessage, ChatParams } from "@vllm/client";
import { isRecord } from "@vllm/schema/internal";
import { toErrorReply } from "../error-reply.ts";
import type { EventFrame } from "./event-frames.ts";
import { parseObject } from "../parse-object.ts";
import { renderFrame } from "./event-frames.ts";
import type { SeenCall } from "./seen-answer.ts";
import { countOf, SeenAnswer, textOf } from "./seen-answer.ts";
import type { AnswerReader, Body, WireProtocol } from "./wire-protocol.ts";

/** `POST /v1/messages` (vLLM 0.12 and later), Anthropic's protocol. Claude Code speaks it. */
export const anthropicMessages: WireProtocol = {
  path: "/v1/messages",
  outputField: "max_tokens",
  isOutputOptional: false,
  overflow: { conversation: "prompt-is-too-long", ownPrompt: "plain" },
  keepAlive: 'event: ping\ndata: {"type": "ping"}\n\n',
  createReader: () => new MessagesReader(),

  readWhole({ content, stop_reason, model, usage }) {
    const blocks = recordsOf(content);
    const calls = blocks.filter(isCall).map((block) => toCall(block, JSON.stringify(block["input"] ?? {})));
    const answer = new MessagesAnswer();
    answer.text = blocks.map(({ text }) => textOf(text)).join("");
    answer.calls = calls;
    answer.isTruncated = stop_reason === "max_tokens";
    answer.endsInCall = blocks.length > 0 && isCall(blocks.at(-1)!);
    answer.model = textOf(model) || undefined;
    answer.count(usage);
    return answer;
  },

  continueAnswer(first) {
    const offset = (first as MessagesReader).handedOver;
    return ({ raw, data }) => {
      if (data?.["type"] === "message_start") return "";
      return typeof data?.["index"] === "number" ? renderFrame({ ...data, index: data["index"] + offset }) : raw;
    };
  },

  askAgain(body, { text, calls }, problems) {
    const said = text.trim() === "" ? [] : [{ type: "text", text }];
    const called = calls.map(({ id, name, argumentsText }) => ({
      type: "tool_use",
      id,
      name,
      input: parseObject(argumentsText) ?? {},
    }));
    const results = calls.map(({ id }, index) => ({
      type: "tool_result",
      tool_use_id: id,
      is_error: true,
      content: problems[index],
    }));
    return {
      ...body,
      messages: [
        ...recordsOf(body["messages"]),
        { role: "assistant", content: [...said, ...called] },
        { role: "user", content: results },
      ],
    };
  },

  foldSystem(body) {
    const { system, ...rest } = body;
    const text = plainText(system);
    if (text === "") return body;
    const messages = recordsOf(body["messages"]);
    const first = messages.findIndex(({ role }) => role === "user");
    const own = { type: "text", text };
    if (first < 0) return { ...rest, messages: [{ role: "user", content: [own] }, ...messages] };
    const { content } = messages[first]!;
    const others = typeof content === "string" ? [{ type: "text", text: content }] : recordsOf(content);
    return { ...rest, messages: messages.with(first, { ...messages[first], content: [own, ...others] }) };
  },

  toChat({ system, messages, tools }) {
    const prompt: ChatMessage[] = system === undefined ? [] : [{ role: "system", content: plainText(system) }];
    const turns = recordsOf(messages).map(({ role, content }): ChatMessage => ({
      role: role === "assistant" ? "assistant" : "user",
      content: typeof content === "string" ? content : plainText(content),
    }));
    const offered = recordsOf(tools).map(({ name, description, input_schema }): ChatTool => ({
      type: "function",
      function: {
        name: textOf(name),
        description: textOf(description),
        parameters: isRecord(input_schema) ? input_schema : {},
      },
    }));
    return { messages: [...prompt, ...turns], tools: offered };
  },

  toError(error, shapes) {
    const { status, body } = toErrorReply(error, shapes);
    return { status, body: { type: "error", error: { type: errorType(status), message: body.error.message } } };
  },

  renderError: (error) => {
    const { status, body } = toErrorReply(error);
    return renderFrame({ type: "error", error: { type: errorType(status), message: body.error.message } });
  },
};

type ChatTool = NonNullable<ChatParams["tools"]>[number];

class MessagesAnswer extends SeenAnswer {
  count(usage: unknown): void {
    if (!isRecord(usage)) return;
    const [input, read, written] = ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"].map(
      (name) => countOf(usage[name]),
    );
    // This protocol counts what came from the cache apart from the rest.
    if (input !== undefined) this.promptTokens = input + (read ?? 0) + (written ?? 0);
    this.completionTokens = countOf(usage["output_tokens"]) ?? this.completionTokens;
    this.cachedTokens = countOf(usage["cache_read_input_tokens"]) ?? this.cachedTokens;
  }
}

class MessagesReader implements AnswerReader {
  readonly answer = new MessagesAnswer();
  isHolding = false;
  hasEnded = false;
  hasContent = false;
  /** Blocks that the client has. */
  handedOver = 0;

  read({ data }: EventFrame): void {
    if (data === undefined) return;
    const { answer } = this;
    switch (data["type"]) {
      case "message_start": {
        const message = isRecord(data["message"]) ? data["message"] : {};
        answer.model = textOf(message["model"]) || undefined;
        answer.count(message["usage"]);
        break;
      }
      case "content_block_start": {
        const block = isRecord(data["content_block"]) ? data["content_block"] : {};
        answer.endsInCall = isCall(block);
        if (answer.endsInCall) {
          this.isHolding = true;
          answer.calls.push(toCall(block, ""));
        } else if (!this.isHolding) this.handedOver += 1;
        break;
      }
      case "content_block_delta":
        this.readDelta(isRecord(data["delta"]) ? data["delta"] : {});
        break;
      case "message_delta": {
        const delta = isRecord(data["delta"]) ? data["delta"] : {};
        answer.isTruncated = delta["stop_reason"] === "max_tokens";
        answer.count(data["usage"]);
        break;
      }
      case "message_stop":
      case "error":
        this.hasEnded = true;
        break;
    }
  }

  private readDelta(delta: Body): void {
    const call = this.answer.calls.at(-1);
    if (delta["type"] === "input_json_delta" && call !== undefined) call.argumentsText += textOf(delta["partial_json"]);
    else if (delta["type"] === "text_delta") this.answer.text += textOf(delta["text"]);
    this.hasContent = true;
  }
}

function isCall(block: Body): boolean {
  return block["type"] === "tool_use";
}

function toCall(block: Body, argumentsText: string): SeenCall {
  return { id: textOf(block["id"]), name: textOf(block["name"]), argumentsText };
}

export function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((each) => isRecord(each)) : [];
}

/** The text of a string or of parts; what a tool brought is in `content` of its part. */
export function plainText(content: unknown): string {
  if (typeof content === "string") return content;
  return recordsOf(content)
    .map((part) => textOf(part["text"]) || plainText(part["content"]))
    .filter((text) => text !== "")
    .join("\n\n");
}

const TYPES: ReadonlyMap<number, string> = new Map([
  [400, "invalid_request_error"],
  [401, "authentication_error"],
  [403, "permission_error"],
  [404, "not_found_error"],
  [413, "request_too_large"],
  [429, "rate_limit_error"],
  [503, "overloaded_error"],
]);

function errorType(status: number): string {
  return TYPES.get(status) ?? "api_error";
}
