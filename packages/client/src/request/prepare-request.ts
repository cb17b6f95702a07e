import type { ModelProfile } from "@vllm/schema/core";
import type { OutputSchema } from "../schemas/standard-schema.ts";
import { toResponseFormat } from "../schemas/to-response-format.ts";
import type { MarkupReaderOptions } from "../leaked-markup/markup-reader-options.ts";
import type { ChatWarning } from "../stream/warning.ts";
import { toAffinityHeaders, toEchoRequest, type EchoRequest } from "./affinity.ts";
import type { ChatParams } from "./chat-params.ts";
import { checkParams } from "./check-params.ts";
import { prepareMessages } from "./history/prepare-messages.ts";
import { findIgnoredFields } from "./ignored-fields.ts";
import { planThinking } from "./thinking.ts";
import { isForced, toTextToolRequest } from "./to-text-tool-request.ts";
import { marksStrict, toSendableTools } from "./tools.ts";

/** What the client does with markup that a server without the right parser leaves in the text. */
export interface RecoverOptions {
  /** `<think>` and its like become reasoning. */
  thinkTags?: boolean | undefined;
  /**
   * Tool calls in the text become tool calls, marked `recovered`. Only names of the request's tools, and only calls that are closed.
   * Running what was found in text is the caller's choice.
   */
  toolCallText?: boolean | undefined;
}

export interface PrepareContext {
  /** What is known about the model; nothing is guessed without it. */
  profile?: Partial<ModelProfile> | undefined;
  recover?: RecoverOptions | undefined;
}

/** A request, ready to be sent to `POST /v1/chat/completions`. */
export interface PreparedRequest<Output = unknown> {
  body: Record<string, unknown>;
  headers: Record<string, string>;
  /** Response headers that the router wants back with the conversation's next request. */
  echo?: EchoRequest | undefined;
  warnings: ChatWarning[];
  /** The schema of `outputSchema`, for `parseOutput`. */
  output?: OutputSchema<Output> | undefined;
  /** Names of the tools of this request. */
  toolNames: readonly string[];
  /** False when there are no tools, or the caller forbade calls. The body's `tool_choice` may say `none` all the same (`toTextToolRequest`). */
  mayCall: boolean;
  /** Options of `createMarkupReader` for each choice of the answer; absent when nothing is to be recovered. */
  markup?: MarkupReaderOptions | undefined;
}

type Body = Record<string, unknown>;

/**
 * Turns a chat request into body and headers. Pure: the same input gives the same request, and nothing is changed in place.
 * What the caller wrote into a field of the wire is sent as it is, and wins over what our own options come to.
 *
 * @throws VllmError INVALID_REQUEST for what the types forbid, CONFIG_INVALID when `outputSchema` has no JSON Schema form.
 */
export function prepareRequest<Output>(
  params: ChatParams<Output>,
  context: PrepareContext = {},
): PreparedRequest<Output> {
  checkParams(params);
  const { thinking, strictTools, outputSchema, history = {}, affinity, extra_body, tools, messages, ...rest } = params;
  const { profile, recover = {} } = context;
  const given = withoutUndefined({ ...rest, ...extra_body });
  const conversation = prepareMessages(messages, history, profile?.history?.value);
  const maxTokens = given["max_completion_tokens"] ?? given["max_tokens"];
  const plan = planThinking(thinking, profile, typeof maxTokens === "number" ? maxTokens : undefined);
  const templateKwargs = {
    ...conversation.keepReasoningKwargs,
    ...plan.fields.chat_template_kwargs,
    ...(given["chat_template_kwargs"] as Body | null | undefined),
  };
  let body: Body = { ...plan.fields, ...given, messages: conversation.messages };
  if (Object.keys(templateKwargs).length > 0) body["chat_template_kwargs"] = templateKwargs;
  if (outputSchema !== undefined) body["response_format"] = toResponseFormat(outputSchema);
  setStream(body);
  const ignored = findIgnoredFields(body, Object.keys(withoutUndefined(rest)), profile?.serverVersion);
  const warnings = [...conversation.warnings, ...plan.warnings, ...ignored];

  const sendable = toSendableTools(tools ?? [], marksStrict(strictTools, profile));
  const mayCall = sendable.length > 0 && body["tool_choice"] !== "none";
  if (sendable.length > 0) body["tools"] = sendable;
  else if (body["tools"] === undefined) delete body["tool_choice"];
  if (mayCall && isConstrained(body) && !allowsCallBesides(body, sendable)) warnings.push(RESPONSE_FORMAT_WITH_TOOLS);
  if (mayCall && recover.toolCallText === true && profile?.toolCalling?.value === "no") {
    const inText = toTextToolRequest(body);
    ({ body } = inText);
    warnings.push(...inText.warnings);
  }
  if (recover.thinkTags === true && profile?.reasoning?.value === "no") body["skip_special_tokens"] ??= false;

  return {
    body,
    headers: toAffinityHeaders(affinity),
    echo: toEchoRequest(affinity),
    warnings,
    output: outputSchema,
    toolNames: sendable.map((tool) => tool.function.name),
    mayCall,
    markup: toMarkupOptions(body, mayCall && !isConstrained(body) ? sendable : [], context),
  };
}

/** An option that is there and undefined is one that was not given. */
function withoutUndefined(fields: Body): Body {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function setStream(body: Body): void {
  body["stream"] ??= true;
  if (body["stream"] === true) {
    body["stream_options"] = { include_usage: true, ...(body["stream_options"] as Body | null | undefined) };
  } else {
    // vLLM answers 400 to stream_options of a request that is not streamed.
    delete body["stream_options"];
  }
}

/**
 * True when vLLM allows a call in spite of the form: where a call is forced it drops the form, and with a `strict` tool its grammar
 * is "calls, or the form". Source: `_apply_structural_tag`, vLLM 0.32.0 `parser/abstract_parser.py`.
 */
function allowsCallBesides(body: Body, tools: ReturnType<typeof toSendableTools>): boolean {
  return isForced(body["tool_choice"]) || tools.some((tool) => tool.function.strict === true);
}

/** True when a grammar holds the answer to a form that no tool call has. */
function isConstrained(body: Body): boolean {
  const format = body["response_format"] as { type?: unknown } | null | undefined;
  const isJson = format?.type === "json_schema" || format?.type === "json_object";
  return isJson || (body["structured_outputs"] !== undefined && body["structured_outputs"] !== null);
}

function toMarkupOptions(
  body: Body,
  tools: ReturnType<typeof toSendableTools>,
  { profile, recover = {} }: PrepareContext,
): MarkupReaderOptions | undefined {
  const { thinkTags = false, toolCallText = false } = recover;
  if (!thinkTags && !(toolCallText && tools.length > 0)) return undefined;
  return {
    thinkTags,
    toolCallText,
    tools: tools.map((tool) => ({ name: tool.function.name, parameters: tool.function.parameters })),
    startsInReasoning: profile?.thoughtOpenedByTemplate?.value === true && !isThinkingOff(body),
  };
}

/** True when the request itself closes the reasoning, so that the template does not open it. */
function isThinkingOff(body: Body): boolean {
  const kwargs = (body["chat_template_kwargs"] ?? {}) as Body;
  const isOff =
    kwargs["enable_thinking"] === false || kwargs["thinking"] === false || kwargs["thinking_mode"] === "disabled";
  return isOff || body["reasoning_effort"] === "none" || body["continue_final_message"] === true;
}

const RESPONSE_FORMAT_WITH_TOOLS: ChatWarning = {
  code: "response-format-with-tools",
  message: "The request has tools and a response_format: the grammar of the answer forbids every tool call.",
  hint: "Mark the tools strict (strictTools: true), with which vLLM 0.32 allows a call or the form; or ask for the form in a last turn without tools, or make the answer a tool of its own.",
};
