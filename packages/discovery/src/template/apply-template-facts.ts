import type { Fact, InputKind, ModelProfile, ThinkingControl } from "@vllm/schema/core";
import { suggestReasoningParser } from "../families/suggest-reasoning-parser.ts";
import type { Capability } from "../report/capability.ts";
import { no, toFact, unknown, yes } from "../report/capability.ts";
import type { DiscoveredModel } from "../report/server-report.ts";
import { quoteText } from "../text/safe-text.ts";
import type { TemplateFacts } from "./probe-template.ts";

/** A model and what its chat template showed → the model with every fact in its place. Pure; nothing known better is overwritten. */
export function applyTemplateFacts(model: DiscoveredModel, facts: TemplateFacts): DiscoveredModel {
  const toolCalling = toolCallingOf(facts);
  const thinking = thinkingOf(facts);
  const thinks = thinksOf(facts, thinking);
  const reasoning = reasoningOf(thinks, model.reasoning);
  const parser = suggestReasoningParser({
    marker: facts.marker,
    toolFormat: facts.toolFormat,
    thinking: thinking?.value,
    isOpened: facts.thought.state === "opened",
    keepReasoningKwargs: facts.history.keepReasoningKwargs,
  });
  const isWindowKnown = model.profile.contextWindow.source !== "assumed";
  const profile: ModelProfile = {
    ...model.profile,
    ...(isWindowKnown || facts.maxModelLen === undefined
      ? {}
      : { contextWindow: { value: facts.maxModelLen, source: "server", evidence: "max_model_len of /tokenize" } }),
    input: inputOf(facts),
    toolCalling: toFact(toolCalling),
    reasoning: toFact(reasoning),
    history: { value: facts.history, source: "probed", evidence: facts.historyEvidence },
    thoughtOpenedByTemplate: {
      value: facts.thought.state === "opened",
      source: "probed",
      evidence:
        facts.thought.state === "opened"
          ? `the rendered prompt ends with ${facts.thought.marker?.start ?? "the start of reasoning"}`
          : "the rendered prompt does not end inside reasoning",
    },
  };
  if (Object.keys(facts.media.limits).length > 0) {
    profile.mediaLimits = { value: facts.media.limits, source: "probed", evidence: "refusals of /tokenize" };
  }
  if (facts.toolFormat !== undefined) {
    const evidence = `the chat template writes a call as ${quoteText(facts.callExample ?? "")}`;
    if (facts.toolFormat.format !== undefined)
      profile.toolFormat = { value: facts.toolFormat.format, source: "probed", evidence };
    profile.toolParser = { value: facts.toolFormat.parsers[0], source: "probed", evidence };
  }
  if (parser !== undefined) profile.reasoningParser = { value: parser.parser, source: "probed", evidence: parser.why };
  if (thinking !== undefined) profile.thinking = thinking;
  return {
    ...model,
    contextWindow: model.contextWindow ?? facts.maxModelLen,
    toolCalling,
    thinks,
    reasoning,
    parallelToolCalls: facts.parallelCalls,
    templateTools: facts.knowsTools,
    templateCalls: facts.rendersCalls,
    templateCallExample: facts.callExample,
    imageInput: facts.media.image,
    audioInput: facts.media.audio,
    videoInput: facts.media.video,
    profile,
  };
}

function toolCallingOf({ knowsTools, toolFormat, callExample }: TemplateFacts): Capability {
  if (knowsTools.status !== "yes") return knowsTools;
  const format =
    toolFormat === undefined
      ? callExample === undefined
        ? "does not write earlier calls"
        : `writes calls in a format of its own (${quoteText(callExample)})`
      : `writes calls as the parser ${toolFormat.parsers[0]} reads them`;
  return unknown(
    `the chat template knows tools and ${format}; only a request shows whether the server has a tool parser`,
    "probed",
  );
}

const RAN_OUT_OF_TIME = "the probe ran out of time before the template had shown it";

const HARMONY_EFFORTS = {
  low: { reasoning_effort: "low" },
  medium: { reasoning_effort: "medium" },
  high: { reasoning_effort: "high" },
};

function thinkingOf(facts: TemplateFacts): Fact<ThinkingControl> | undefined {
  if (facts.toolFormat?.format === "gpt-oss") {
    return {
      value: { default: "on", efforts: HARMONY_EFFORTS },
      source: "probed",
      evidence: "the template is gpt-oss's, whose chats vLLM renders with the top-level reasoning_effort",
    };
  }
  if (facts.thinking === undefined) return undefined;
  // "No known switch changes it" takes an answer to every question.
  const { on, off, efforts, budgetKwarg } = facts.thinking.control;
  const hasSwitch = [on, off, efforts, budgetKwarg].some((found) => found !== undefined);
  if (!facts.isComplete && !hasSwitch && facts.thought.state === "none") return undefined;
  return { value: facts.thinking.control, source: "probed", evidence: facts.thinking.evidence };
}

function thinksOf(facts: TemplateFacts, thinking: Fact<ThinkingControl> | undefined): Capability {
  if (thinking !== undefined) return yes(thinking.evidence);
  if (facts.marker !== undefined) return yes(`the template marks thoughts by ${facts.marker.start}`);
  if (!facts.isComplete) return unknown(RAN_OUT_OF_TIME, "probed");
  return facts.knowsTools.status === "unknown"
    ? unknown("the template showed too little")
    : no("no rendered prompt holds a mark of a thought, and no known switch changes the prompt");
}

function reasoningOf(thinks: Capability, known: Capability): Capability {
  if (thinks.status !== "yes") return known;
  return unknown("the model thinks; only a request shows whether the server has a reasoning parser", "probed");
}

function inputOf({ media }: TemplateFacts): ModelProfile["input"] {
  const kinds: InputKind[] = ["text"];
  for (const kind of ["image", "audio", "video"] as const) if (media[kind].status === "yes") kinds.push(kind);
  return {
    value: kinds,
    source: media.image.status === "unknown" ? "assumed" : "probed",
    evidence: media.image.evidence,
  };
}
