import type { Fixture } from "@vllm-tooling/fixtures";
import {
  isObject,
  messagesOf,
  textOf,
  toolNamesOf,
  type ChatMessageLike,
  type ChatRequestLike,
} from "./chat-request.ts";
import { renderPrompt } from "./chat-template.ts";
import { messageFault } from "./message-fault.ts";
import type { ReceivedRequest } from "./received-request.ts";
import type { Recordings } from "./recordings.ts";
import { replaceInBody, toReply, type Reply, type Replacement } from "./reply.ts";
import { createSameFault } from "./same-fault.ts";
import { findOutOfRange } from "./value-ranges.ts";

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
  replace: (request) => [[/(?<=The model `)[^`]*/, inJson(String(request.model))]],
};

const halfCharacter: Rule = {
  recordings: ["lone-surrogate", "refused-messages-half-character"],
  when: (request) => /\p{Surrogate}/u.test(promptText(request)),
};

/** In the order of vLLM's own checks: the request's fields, the model, the room, the prompt. */
const rules: readonly Rule[] = [
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
    replace: (_request, facts) => [[/[^"\s]+(?= is not a multimodal model)/, inJson(facts.servedNames[0] ?? "")]],
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

/** Finds the recorded refusal for a request that this server would refuse. */
export interface Refusals {
  /** What is wrong with the body of any route that takes JSON, before its fields are looked at. */
  ofBody(request: ReceivedRequest, path: string): Reply | undefined;
  ofChat(request: ChatRequestLike): Reply | undefined;
  /** For the other routes, of whose fields only the model's name and the text are looked at. */
  ofModel(request: ChatRequestLike, path: string): Reply | undefined;
}

export function createRefusals(facts: ServerFacts, recordings: Recordings): Refusals {
  const findSameFault = createSameFault(recordings, facts.servedNames);
  let sameRefused: Map<string, Fixture> | undefined;

  function findRefusal(names: readonly string[]): Fixture | undefined {
    const fixture = recordings.find(names);
    // What one version refuses, another may take: of these checks only the newest was asked.
    const isOfThisVersion = fixture?.provenance.version === recordings.version;
    const isSure = isOfThisVersion || !names.some((name) => name === "stop-many" || name.startsWith("refused-"));
    return fixture && isSure && fixture.response.status >= 400 ? fixture : undefined;
  }

  function apply(rule: Rule, request: ChatRequestLike): Reply | undefined {
    if (!rule.when(request, facts)) return undefined;
    const fixture = findRefusal(rule.recordings);
    if (!fixture) return undefined;
    return replaceInBody(toReply(fixture), rule.replace?.(request, facts) ?? []);
  }

  function ofBody({ headers, body, bodyText }: ReceivedRequest, path: string): Reply | undefined {
    const play = (...names: string[]) => toReply(recordings.get(...names));
    const [mediaType] = (headers["content-type"] ?? "").toLowerCase().split(";");
    if (mediaType !== "application/json") return play("wrong-content-type");
    if (body === undefined) {
      const same = recordings.own(path).find(({ request }) => request.bodyText === bodyText);
      return same ? toReply(same) : play(bodyText === "" ? "empty-body" : "bad-json");
    }
    const route = routeWords[path] ?? "";
    if (body === null) return play(`refused-${route}body-null`, "empty-body");
    if (!isObject(body)) {
      const kind = Array.isArray(body) ? "list" : "number";
      return play(`refused-${route}body-${kind}`, `refused-body-${kind}`);
    }
    const isEmpty = Object.keys(body).length === 0;
    if (isEmpty && route !== "completions-") return play(`refused-${route}body-object`);
    const same = findSameFault(path, body);
    if (same) return toReply(same);
    const fault = messageFault(body["messages"]);
    if (fault !== undefined) {
      const names = [`refused-messages-${fault}`, fault];
      return path === "/tokenize" ? play(`refused-messages-${fault}-tokenize`, ...names) : play(...names);
    }
    const model = body["model"];
    if (!isGiven(model) || typeof model === "string") return undefined;
    return path.endsWith("tokenize") ? play(`refused-model-number-${path.slice(1)}`) : play("refused-model-number");
  }

  function ofChat(request: ChatRequestLike): Reply | undefined {
    for (const rule of rules) {
      const refusal = apply(rule, request);
      if (refusal) return refusal;
    }
    const outside = findOutOfRange(request as Readonly<Record<string, unknown>>);
    const recorded = outside && findRefusal(outside.recordings);
    if (outside && recorded) {
      return replaceInBody(toReply(recorded), [[/(?<=got |value=)-?[\d.]*\d/g, outside.printed]]);
    }
    sameRefused ??= readRefused(recordings);
    const fixture = sameRefused.get(JSON.stringify(request));
    return fixture && toReply(fixture);
  }

  function ofModel(request: ChatRequestLike, path: string): Reply | undefined {
    // Anthropic's protocol has an error shape of its own.
    const rule = path === "/v1/messages" ? { ...unknownModel, recordings: ["messages-error"] } : unknownModel;
    return apply(rule, request) ?? apply(halfCharacter, request);
  }

  return { ofBody, ofChat, ofModel };
}

/** How the recorded refusals of a route are called, behind `refused-`. */
const routeWords: Readonly<Record<string, string>> = {
  "/tokenize": "tokenize-",
  "/detokenize": "detokenize-",
  "/v1/completions": "completions-",
};

/** Requests that this very server refused, for whatever reason, by their bodies. */
function readRefused(recordings: Recordings): Map<string, Fixture> {
  const refused = recordings
    .own("/v1/chat/completions")
    .filter(({ response }) => response.status >= 400 && response.status !== 401);
  return new Map(refused.map((fixture) => [JSON.stringify(fixture.request.body), fixture]));
}

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
