import type { Fixture } from "@vllm-tooling/fixtures";
import { messagesOf, textOf, toolNamesOf, type ChatMessageLike, type ChatRequestLike } from "./chat-request.ts";
import { renderPrompt } from "./chat-template.ts";
import type { Recordings } from "./recordings.ts";
import { replaceInBody, toReply, type Reply, type Replacement } from "./reply.ts";

/** What a rule may look at besides the request. */
export interface ServerFacts {
  readonly servedNames: readonly string[];
  readonly contextWindow: number;
  readonly hasToolParser: boolean;
  readonly takesPictures: boolean;
}

interface Rule {
  /** Names of the recorded refusal; when the version's recording is a success, the rule does not hold there. */
  readonly recordings: readonly string[];
  when(request: ChatRequestLike, facts: ServerFacts): boolean;
  /** Words of the recording to be replaced by those of the request. */
  replace?(request: ChatRequestLike, facts: ServerFacts): readonly Replacement[];
}

const unknownModel: Rule = {
  recordings: ["unknown-model", "responses-error"],
  when: (request, facts) =>
    typeof request.model === "string" && request.model !== "" && !facts.servedNames.includes(request.model),
  replace: (request) => [[/(?<=The model `)[^`]*/, String(request.model)]],
};

const rules: readonly Rule[] = [
  { recordings: ["no-messages"], when: (request) => request.messages === undefined },
  {
    recordings: ["empty-messages"],
    when: (request) => Array.isArray(request.messages) && request.messages.length === 0,
  },
  unknownModel,
  {
    recordings: ["stream-options-not-stream"],
    when: (request) => request.stream !== true && isGiven(request.stream_options),
  },
  { recordings: ["tools-empty"], when: (request) => Array.isArray(request.tools) && request.tools.length === 0 },
  {
    recordings: ["tool-choice-no-tools"],
    when: (request) => !hasTools(request) && isGiven(request.tool_choice) && request.tool_choice !== "none",
  },
  {
    recordings: ["tool-choice-unknown-name"],
    when: (request) => namedTool(request) !== undefined && !toolNamesOf(request).includes(namedTool(request)!),
  },
  {
    recordings: ["tools-auto-default"],
    when: (request, facts) =>
      !facts.hasToolParser && hasTools(request) && (!isGiven(request.tool_choice) || request.tool_choice === "auto"),
  },
  {
    recordings: ["tools-required"],
    when: (request, facts) => !facts.hasToolParser && hasTools(request) && request.tool_choice === "required",
  },
  {
    recordings: ["tools-named"],
    when: (request, facts) => !facts.hasToolParser && hasTools(request) && namedTool(request) !== undefined,
    replace: (request) => [["get_weather", namedTool(request) ?? ""]],
  },
  {
    recordings: ["image-to-text-model"],
    when: (request, facts) => !facts.takesPictures && messagesOf(request).some(hasPicture),
    replace: (_request, facts) => [[/[^"\s]+(?= is not a multimodal model)/, facts.servedNames[0] ?? ""]],
  },
  {
    recordings: ["system-second"],
    when: (request) =>
      messagesOf(request)
        .slice(1)
        .some((message) => message.role === "system"),
  },
  { recordings: ["max-tokens-zero"], when: (request) => maxTokens(request) === 0 },
  {
    recordings: ["temperature-negative"],
    when: (request) => typeof request.temperature === "number" && request.temperature < 0,
  },
  { recordings: ["n-zero"], when: (request) => request.n === 0 },
  { recordings: ["n2-greedy"], when: (request) => request.n === 2 && request.temperature === 0 },
  {
    recordings: ["logprobs-only-top"],
    when: (request) => typeof request.top_logprobs === "number" && request.logprobs !== true,
  },
  {
    recordings: ["max-tokens-huge"],
    when: (request, facts) => (maxTokens(request) ?? 0) > facts.contextWindow,
    replace: (request) => [[/(?<=max_tokens=|value=)\d+/g, String(maxTokens(request))]],
  },
  {
    recordings: ["prompt-much-too-long", "prompt-too-long"],
    when: (request, facts) => promptText(request).length > 28 * facts.contextWindow,
    replace: (request) => [[/(?<=contains |value=)\d+/g, String(promptText(request).length)]],
  },
  {
    recordings: ["prompt-too-long"],
    when: (request, facts) => promptText(request).split(/\s+/).length > facts.contextWindow,
  },
];

/** Finds the recorded refusal for a request that this server would refuse. */
export interface Refusals {
  ofChat(request: ChatRequestLike): Reply | undefined;
  /** For routes that look at the model's name only. */
  ofModel(request: ChatRequestLike): Reply | undefined;
}

export function createRefusals(facts: ServerFacts, recordings: Recordings): Refusals {
  let sameRefused: Map<string, Fixture> | undefined;

  function apply(rule: Rule, request: ChatRequestLike): Reply | undefined {
    if (!rule.when(request, facts)) return undefined;
    const fixture = recordings.find(rule.recordings);
    if (!fixture || fixture.response.status < 400) return undefined;
    return replaceInBody(toReply(fixture), rule.replace?.(request, facts) ?? []);
  }

  return {
    ofChat(request) {
      for (const rule of rules) {
        const refusal = apply(rule, request);
        if (refusal) return refusal;
      }
      sameRefused ??= readRefused(recordings);
      const fixture = sameRefused.get(JSON.stringify(request));
      return fixture && toReply(fixture);
    },
    ofModel: (request) => apply(unknownModel, request),
  };
}

/** Requests that this very server refused, for whatever reason, by their bodies. */
function readRefused(recordings: Recordings): Map<string, Fixture> {
  const refused = recordings
    .own("/v1/chat/completions")
    .filter(({ response }) => response.status >= 400 && response.status !== 401);
  return new Map(refused.map((fixture) => [JSON.stringify(fixture.request.body), fixture]));
}

const isGiven = (value: unknown) => value !== undefined && value !== null;

const hasTools = (request: ChatRequestLike) => Array.isArray(request.tools) && request.tools.length > 0;

function promptText(request: ChatRequestLike): string {
  const rendered = renderPrompt(request);
  return "prompt" in rendered ? rendered.prompt : messagesOf(request).map(textOf).join("\n");
}

function maxTokens(request: ChatRequestLike): number | undefined {
  const value = request.max_completion_tokens ?? request.max_tokens;
  return typeof value === "number" ? value : undefined;
}

function namedTool(request: ChatRequestLike): string | undefined {
  const choice = request.tool_choice as { function?: { name?: unknown } } | null | undefined;
  const name = typeof choice === "object" ? choice?.function?.name : undefined;
  return typeof name === "string" ? name : undefined;
}

function hasPicture(message: ChatMessageLike): boolean {
  return (
    Array.isArray(message.content) && message.content.some((part: { type?: unknown }) => part?.type === "image_url")
  );
}
