import type { ChatParams } from "@vllm/client";
import type { ModelProfile } from "@vllm/schema/core";
import type { BridgeModelOptions } from "../options/bridge-options.ts";

type Body = Record<string, unknown>;

export interface FittedRequest {
  params: ChatParams;
  /** What was changed, in words without any content. */
  changes: string[];
}

/** Fields of OpenAI's service that vLLM has no use for: it logs each of them as ignored, with every request. */
const NOISE = [
  "store",
  "metadata",
  "service_tier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
  "verbosity",
  "modalities",
  "prediction",
];

/** Switches that agents send at the top level, where vLLM ignores them, and templates read as variables. */
const TEMPLATE_SWITCHES = ["enable_thinking", "preserve_thinking", "clear_thinking"];

/**
 * An agent's request as it shall be sent: without noise, with switches where the template reads them, with a token limit that the window
 * allows. Roles, ids and replayed reasoning are then fitted by the client, by the same profile.
 */
export function fitRequest(
  body: Readonly<Body>,
  profile: ModelProfile | undefined,
  settings: BridgeModelOptions = {},
): FittedRequest {
  const changes: string[] = [];
  const fitted: Body = { ...body };
  for (const field of NOISE) {
    if (field in fitted) {
      delete fitted[field];
      changes.push(`${field} removed`);
    }
  }
  const { continuous_usage_stats: wantsUsageInEveryChunk } = (body["stream_options"] ?? {}) as Body;
  // vLLM's count at a chunk is not that of the answer the agent gets: a broken call is asked for again, calls are held back.
  if (wantsUsageInEveryChunk === true) changes.push("continuous_usage_stats removed, usage comes at the end");
  moveSwitches(fitted, changes);
  dropStrictFalse(fitted, changes);
  renameReasoningText(fitted, changes);
  fitTokenLimit(fitted, profile, changes);
  if (settings.params !== undefined) {
    Object.assign(fitted, settings.params);
    changes.push(...Object.keys(settings.params).map((field) => `${field} set for this model`));
  }
  const thinking = settings.thinking ?? toThinking(fitted, profile);
  if (thinking !== undefined) delete fitted["reasoning_effort"];
  return {
    params: {
      ...(fitted as unknown as ChatParams),
      // Always streamed from vLLM, so that a silent server is noticed; usage always asked for, for the log.
      stream: true,
      stream_options: { include_usage: true },
      thinking,
      strictTools: settings.strictTools ?? "auto",
      history: settings.history,
    },
    changes,
  };
}

function moveSwitches(body: Body, changes: string[]): void {
  for (const field of TEMPLATE_SWITCHES) {
    if (!(field in body)) continue;
    const { [field]: value } = body;
    delete body[field];
    body["chat_template_kwargs"] = { [field]: value, ...(body["chat_template_kwargs"] as Body | null | undefined) };
    changes.push(`${field} moved into chat_template_kwargs`);
  }
}

/** `strict: false` is what no `strict` means, and some servers in between refuse the field. */
function dropStrictFalse(body: Body, changes: string[]): void {
  if (!Array.isArray(body["tools"])) return;
  let count = 0;
  body["tools"] = body["tools"].map((tool: { function?: Body } | null) => {
    if (tool?.function?.["strict"] !== false) return tool;
    const { strict: _strict, ...definition } = tool.function;
    count += 1;
    return { ...tool, function: definition };
  });
  if (count > 0) changes.push(`strict: false removed from ${count} tools`);
}

/** pi-ai sends reasoning back under the name it came by; no template of vLLM reads this one. */
function renameReasoningText(body: Body, changes: string[]): void {
  if (!Array.isArray(body["messages"])) return;
  let count = 0;
  body["messages"] = body["messages"].map((message: Body | null) => {
    if (message?.["role"] !== "assistant" || typeof message["reasoning_text"] !== "string") return message;
    const { reasoning_text: reasoning, ...rest } = message;
    count += 1;
    return { reasoning, ...rest };
  });
  if (count > 0) changes.push(`reasoning_text of ${count} messages sent as reasoning`);
}

/** A limit as large as the whole window never fits: vLLM then uses the room that is left. */
function fitTokenLimit(body: Body, profile: ModelProfile | undefined, changes: string[]): void {
  if (profile === undefined || profile.contextWindow.source === "assumed") return;
  for (const field of ["max_completion_tokens", "max_tokens"]) {
    const asked = body[field];
    if (typeof asked !== "number" || asked < profile.contextWindow.value) continue;
    delete body[field];
    changes.push(`${field} ${asked} removed, the window is ${profile.contextWindow.value}`);
  }
}

/** The agent's effort in the words of the model's family, where they are known. */
function toThinking(body: Body, profile: ModelProfile | undefined): ChatParams["thinking"] {
  const effort = body["reasoning_effort"];
  if (typeof effort !== "string" || profile?.thinking === undefined) return undefined;
  return { effort };
}
