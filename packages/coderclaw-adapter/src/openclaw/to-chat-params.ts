import type { ChatParams } from "@vllm/client";
import type { ModelProfile } from "@vllm/schema/core";
import type { JsonObject } from "../config-file/json-value.ts";
import { isObject } from "../config-file/json-value.ts";
import type { AgentContext, AgentModelRow, AgentTool, StreamOptions } from "./stream-types.ts";
import { toChatMessages } from "./to-chat-messages.ts";

/** The agent's request as the client's. The row's `params` and the agent's payload hook have the last word. */
export async function toChatParams(
  model: AgentModelRow,
  context: AgentContext,
  options: StreamOptions,
  profile: ModelProfile | undefined,
): Promise<ChatParams> {
  const { chat_template_kwargs, extra_body } = model.params ?? {};
  const tools = (context.tools ?? []).map(toTool);
  const payload: Record<string, unknown> = {
    model: model.id,
    messages: toChatMessages(context, model),
    ...(tools.length === 0 ? {} : { tools }),
    ...optional("max_tokens", options.maxTokens ?? model.maxTokens),
    ...optional("temperature", options.temperature),
    ...optional("stop", options.stop),
    ...optional("response_format", toResponseFormat(options.responseFormat)),
    ...(isObject(chat_template_kwargs) ? { chat_template_kwargs: { ...chat_template_kwargs } } : {}),
    ...(isObject(extra_body) ? (extra_body as JsonObject) : {}),
  };
  const replaced = await options.onPayload?.(payload, model);
  const thinking = toThinking(options.reasoning, model, profile);
  return {
    ...((isObject(replaced) ? replaced : payload) as unknown as ChatParams),
    ...(thinking === undefined ? {} : { thinking }),
  };
}

function toTool({ name, description = "", parameters }: AgentTool): object {
  return {
    type: "function",
    function: { name, description, parameters: parameters ?? { type: "object", properties: {} } },
  };
}

/** A model that has a switch and no efforts is simply on: the agent has no such level and says `low` for it. */
function toThinking(
  level: string | undefined,
  model: AgentModelRow,
  profile: ModelProfile | undefined,
): ChatParams["thinking"] {
  if (level === undefined || model.reasoning !== true) return undefined;
  if (level === "off" || level === "on") return level;
  const hasEfforts = Object.keys(profile?.thinking?.value.efforts ?? {}).length > 0;
  return profile?.thinking !== undefined && !hasEfforts ? "on" : { effort: level };
}

function toResponseFormat(schema: Record<string, unknown> | undefined): unknown {
  if (schema === undefined || typeof schema["type"] !== "string") return schema;
  const isFormat = ["json_schema", "json_object", "text", "structural_tag"].includes(schema["type"]);
  return isFormat ? schema : { type: "json_schema", json_schema: { name: "response", schema } };
}

function optional(key: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [key]: value };
}
