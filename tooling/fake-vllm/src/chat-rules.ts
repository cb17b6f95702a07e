import {
  isObject,
  messagesOf,
  textOf,
  toolNamesOf,
  type ChatMessageLike,
  type ChatRequestLike,
} from "./chat-request.ts";
import { renderPrompt } from "./chat-template.ts";
import type { Replacement } from "./reply.ts";

/** What a rule may look at besides the request. */
export interface ServerFacts {
  readonly servedNames: readonly string[];
  readonly contextWindow: number;
  readonly hasToolParser: boolean;
  readonly takesPictures: boolean;
}

export interface Rule {
  /** Names of the recorded refusal; when the version's recording is a success, the rule does not hold there. */
  readonly recordings: readonly string[];
  when(request: ChatRequestLike, facts: ServerFacts): boolean;
  /** Words of the recording to be replaced by those of the request. */
  replace?(request: ChatRequestLike, facts: ServerFacts): readonly Replacement[];
}

/** A model that is not served. */
export const unknownModel: Rule = {
  recordings: ["unknown-model", "responses-error"],
  when: (request, facts) =>
    typeof request.model === "string" && request.model !== "" && !facts.servedNames.includes(request.model),
  replace: (request) => [[/(?<=The model `)[^`]*/, inJson(String(request.model))]],
};

/** A text that ends in the middle of an emoji: no tokenizer takes it. */
export const halfCharacter: Rule = {
  recordings: ["lone-surrogate", "refused-messages-half-character"],
  when: (request) => /\p{Surrogate}/u.test(promptText(request)),
};

/** Refusals of a chat request, in the order of vLLM's own checks: the request's fields, the model, the room, the prompt. */
export const chatRules: readonly Rule[] = [
  { recordings: ["no-messages"], when: (request) => request.messages === undefined },
  { recordings: ["tools-empty"], when: (request) => Array.isArray(request.tools) && request.tools.length === 0 },
  {
    recordings: ["tool-choice-no-tools"],
    when: (request) => !hasTools(request) && isGiven(request.tool_choice) && request.tool_choice !== "none",
  },
  {
    recordings: ["refused-tool-choice-word"],
    when: ({ tool_choice: choice }) =>
      isGiven(choice) && typeof choice !== "object" && !["auto", "none", "required"].includes(String(choice)),
    replace: (request) => [["banana", inJson(String(request.tool_choice))]],
  },
  {
    recordings: ["tool-choice-unknown-name"],
    when: (request) => namedTool(request) !== undefined && !toolNamesOf(request).includes(namedTool(request)!),
  },
  {
    recordings: ["stream-options-not-stream"],
    when: (request) =>
      request.stream !== true && isObject(request.stream_options) && Object.keys(request.stream_options).length > 0,
  },
  {
    recordings: ["logprobs-only-top"],
    when: ({ top_logprobs: top, logprobs }) => typeof top === "number" && top !== 0 && logprobs !== true,
  },
  { recordings: ["stop-many"], when: ({ stop }) => Array.isArray(stop) && stop.length > 4 },
  unknownModel,
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
    replace: (request) => [["get_weather", inJson(namedTool(request) ?? "")]],
  },
  {
    recordings: ["max-tokens-huge"],
    when: (request, facts) => !isGiven(request.max_completion_tokens) && isAbove(request.max_tokens, facts),
    replace: (request) => [[/(?<=max_tokens=|value=)\d+/g, String(request.max_tokens)]],
  },
  {
    recordings: ["refused-max-completion-tokens-huge"],
    when: (request, facts) => isAbove(request.max_completion_tokens, facts),
    replace: (request) => [[/(?<=max_completion_tokens=|value=)\d+/g, String(request.max_completion_tokens)]],
  },
  {
    recordings: ["image-to-text-model"],
    when: (request, facts) => !facts.takesPictures && messagesOf(request).some(hasMedium),
    replace: (_request, facts) => [
      [/(?<![^"\s])[^"\s]+(?= is not a multimodal model)/, inJson(facts.servedNames[0] ?? "")],
    ],
  },
  {
    recordings: ["empty-messages"],
    when: (request) => Array.isArray(request.messages) && request.messages.length === 0,
  },
  {
    recordings: ["system-second"],
    when: (request) => "refusal" in renderPrompt(request) && messagesOf(request).length > 0,
  },
  halfCharacter,
  {
    recordings: ["prompt-much-too-long", "prompt-too-long"],
    when: (request, facts) => promptText(request).length > 28 * facts.contextWindow,
    replace: (request) => [[/(?<=contains |value=)\d+/g, String(promptText(request).length)]],
  },
  {
    recordings: ["prompt-too-long"],
    when: (request, facts) => promptText(request).split(/\s+/).length > facts.contextWindow,
  },
  {
    recordings: ["top-logprobs-big"],
    // A streamed one fails inside the stream.
    when: ({ top_logprobs: top, stream }) => typeof top === "number" && top > 20 && stream !== true,
    replace: (request) => [[/(?<=logprobs of |value=)\d+/g, String(request.top_logprobs)]],
  },
  {
    recordings: ["n2-greedy"],
    when: (request) => typeof request.n === "number" && request.n > 1 && request.temperature === 0,
    replace: (request) => [[/(?<=got )\d+/, String(request.n)]],
  },
];

/** A text as it stands inside a JSON text. */
const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

const isAbove = (tokens: unknown, { contextWindow }: ServerFacts) =>
  typeof tokens === "number" && tokens > contextWindow;

const isGiven = (value: unknown) => value !== undefined && value !== null;

const hasTools = (request: ChatRequestLike) => Array.isArray(request.tools) && request.tools.length > 0;

function promptText(request: ChatRequestLike): string {
  const rendered = renderPrompt(request);
  return "prompt" in rendered ? rendered.prompt : messagesOf(request).map(textOf).join("\n");
}

function namedTool(request: ChatRequestLike): string | undefined {
  const choice = request.tool_choice as { function?: { name?: unknown } } | null | undefined;
  const name = typeof choice === "object" ? choice?.function?.name : undefined;
  return typeof name === "string" ? name : undefined;
}

const media = new Set(["image_url", "input_audio", "audio_url", "video_url"]);

function hasMedium(message: ChatMessageLike): boolean {
  return (
    Array.isArray(message.content) && message.content.some((part: { type?: unknown }) => media.has(String(part?.type)))
  );
}
