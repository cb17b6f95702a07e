import type { ChatMessage, ChatParams } from "@vllm/client";
import { isRecord } from "@vllm/schema/internal";
import { parseObject } from "../parse-object.ts";
import { toErrorReply } from "../error-reply.ts";
import { plainText, recordsOf } from "./anthropic-messages.ts";
import type { EventFrame } from "./event-frames.ts";
import { renderFrame } from "./event-frames.ts";
import type { SeenCall } from "./seen-answer.ts";
import { countOf, SeenAnswer, textOf } from "./seen-answer.ts";
import type { AnswerReader, Body, WireProtocol } from "./wire-protocol.ts";

/** `POST /v1/responses` (vLLM 0.10.2 and later), OpenAI's Responses protocol. Codex speaks it. */
export const openaiResponses: WireProtocol = {
  path: "/v1/responses",
  outputField: "max_output_tokens",
  isOutputOptional: true,
  // Codex compacts on this code and ends the turn on any other.
  overflow: { conversation: "context_length_exceeded", ownPrompt: "plain" },
  keepAlive: ": keep-alive\n\n",
  createReader: () => new ResponsesReader(),

  readWhole(body) {
    const answer = new ResponsesAnswer();
    answer.readResponse(body);
    const items = recordsOf(body["output"]);
    answer.text = items
      .filter(({ type }) => type === "message")
      .map(({ content }) => plainText(content))
      .join("");
    answer.calls = items.filter(isCall).map(toCall);
    answer.endsInCall = items.length > 0 && isCall(items.at(-1)!);
    return answer;
  },

  continueAnswer(first) {
    const before = first as ResponsesReader;
    let sequence = before.sequence;
    return ({ raw, data }) => {
      if (data === undefined) return raw;
      if (data["type"] === "response.created" || data["type"] === "response.in_progress") return "";
      const moved: Record<string, unknown> = { ...data, sequence_number: sequence };
      sequence += 1;
      const { output_index: index, response } = data;
      if (typeof index === "number") moved["output_index"] = index + before.items.length;
      if (isRecord(response)) {
        const output = [...before.items, ...recordsOf(response["output"])];
        moved["response"] = { ...response, ...before.identity, output };
      }
      return renderFrame(moved);
    };
  },

  askAgain(body, { text, calls }, problems) {
    const said = text.trim() === "" ? [] : [{ role: "assistant", content: text }];
    const called = calls.map(({ id, name, argumentsText }) => ({
      type: "function_call",
      call_id: id,
      name,
      // A template may refuse what is not JSON.
      arguments: problems.length > 0 && parseObject(argumentsText) === undefined ? "{}" : argumentsText,
    }));
    const results = calls.map(({ id }, index) => ({
      type: "function_call_output",
      call_id: id,
      output: problems[index],
    }));
    return { ...body, input: [...inputOf(body), ...said, ...called, ...results] };
  },

  foldSystem(body) {
    const { instructions, ...rest } = body;
    const items = inputOf(body);
    const prompts = items.filter(isPrompt).map(({ content }) => plainText(content));
    const text = [textOf(instructions), ...prompts].filter((each) => each !== "").join("\n\n");
    if (text === "") return body;
    const others = items.filter((item) => !isPrompt(item));
    const first = others.findIndex(({ role }) => role === "user");
    const own = { type: "input_text", text };
    if (first < 0) return { ...rest, input: [{ role: "user", content: [own] }, ...others] };
    const { content } = others[first]!;
    const parts = typeof content === "string" ? [{ type: "input_text", text: content }] : recordsOf(content);
    return { ...rest, input: others.with(first, { ...others[first], content: [own, ...parts] }) };
  },

  toChat(body) {
    const instructions = textOf(body["instructions"]);
    const prompt: ChatMessage[] = instructions === "" ? [] : [{ role: "system", content: instructions }];
    const turns = inputOf(body).map((item): ChatMessage => {
      const content = plainText(item["content"]) || textOf(item["output"]) || textOf(item["arguments"]);
      if (isPrompt(item)) return { role: "system", content };
      return { role: item["role"] === "user" ? "user" : "assistant", content };
    });
    const tools = recordsOf(body["tools"])
      .filter(({ type }) => type === "function")
      .map(({ name, description, parameters }): ChatTool => ({
        type: "function",
        function: {
          name: textOf(name),
          description: textOf(description),
          parameters: isRecord(parameters) ? parameters : {},
        },
      }));
    return { messages: [...prompt, ...turns], tools };
  },

  toError(error, shapes) {
    const { status, body } = toErrorReply(error, shapes);
    if (error.code !== "CONTEXT_LENGTH_EXCEEDED") return { status, body };
    const code = typeof body.error.code === "string" ? body.error.code : "invalid_prompt";
    return { status, body: { error: { ...body.error, type: "invalid_request_error", param: "input", code } } };
  },

  renderError(error, begun) {
    const { identity, sequence } = begun as ResponsesReader;
    const { message } = toErrorReply(error).body.error;
    const response = { ...identity, object: "response", status: "failed", error: { code: "server_error", message } };
    return renderFrame({ type: "response.failed", sequence_number: sequence, response });
  },
};

type ChatTool = NonNullable<ChatParams["tools"]>[number];

class ResponsesAnswer extends SeenAnswer {
  readResponse(response: Body): void {
    const { model, usage, incomplete_details: incomplete } = response;
    this.model = textOf(model) || this.model;
    this.isTruncated = isRecord(incomplete) && incomplete["reason"] === "max_output_tokens";
    if (!isRecord(usage)) return;
    this.promptTokens = countOf(usage["input_tokens"]);
    this.completionTokens = countOf(usage["output_tokens"]);
    const details = usage["input_tokens_details"];
    this.cachedTokens = isRecord(details) ? countOf(details["cached_tokens"]) : undefined;
  }
}

class ResponsesReader implements AnswerReader {
  readonly answer = new ResponsesAnswer();
  isHolding = false;
  hasEnded = false;
  hasContent = false;
  /** Finished items that the client has. */
  readonly items: Body[] = [];
  /** What names the response. */
  identity: Body = {};
  /** Of the next event. */
  sequence = 0;

  read({ data }: EventFrame): void {
    if (data === undefined) return;
    const { answer } = this;
    const wasHolding = this.isHolding;
    const item = isRecord(data["item"]) ? data["item"] : {};
    const response = isRecord(data["response"]) ? data["response"] : {};
    switch (data["type"]) {
      case "response.created": {
        const { id, created_at } = response;
        this.identity = { id, created_at };
        answer.readResponse(response);
        break;
      }
      case "response.output_item.added":
        answer.endsInCall = isCall(item);
        if (answer.endsInCall) {
          this.isHolding = true;
          answer.calls.push(toCall(item));
        }
        break;
      case "response.output_item.done":
        if (isCall(item)) replaceLast(answer.calls, toCall(item));
        else if (!wasHolding) this.items.push(item);
        break;
      case "response.output_text.delta":
        answer.text += textOf(data["delta"]);
        this.hasContent = true;
        break;
      case "response.reasoning_text.delta":
        this.hasContent = true;
        break;
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        answer.readResponse(response);
        this.hasEnded = true;
        break;
      case "error":
        this.hasEnded = true;
        break;
    }
    if (!this.isHolding) this.sequence = (countOf(data["sequence_number"]) ?? this.sequence) + 1;
  }
}

function replaceLast(calls: SeenCall[], call: SeenCall): void {
  calls.splice(-1, 1, call);
}

function isCall(item: Body): boolean {
  return item["type"] === "function_call";
}

function toCall(item: Body): SeenCall {
  return { id: textOf(item["call_id"]), name: textOf(item["name"]), argumentsText: textOf(item["arguments"]) };
}

function isPrompt({ role }: Body): boolean {
  return role === "system" || role === "developer";
}

function inputOf({ input }: Body): Record<string, unknown>[] {
  return typeof input === "string" ? [{ role: "user", content: input }] : recordsOf(input);
}
