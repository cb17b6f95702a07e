import type { ModelProfile, VllmError } from "@vllm/schema/core";
import type { Capability } from "../report/capability.ts";
import { knowsRun } from "../report/is-same-run.ts";
import type { DiscoveredModel, ServerReport } from "../report/server-report.ts";

/** What an answer of the server taught about one model. It holds for this version, `root` and start of the server only. */
export interface LearnedFact {
  model: string;
  /** Window in tokens, out of a refusal. */
  contextWindow?: number | undefined;
  toolCalling?: "yes" | "no" | undefined;
  imageInput?: "no" | undefined;
  version: string | undefined;
  root: string | undefined;
  startedAt: number | undefined;
  /** ms since 1970. */
  learnedAt: number;
}

/** What an answer shows, as `ChatResult` of `@vllm/client` has it. */
export interface SeenAnswer {
  toolCalls: readonly { recovered?: boolean | undefined; parseError?: unknown }[];
}

type Lesson = Pick<LearnedFact, "contextWindow" | "toolCalling" | "imageInput">;

/** The outcome of a request → what it says about the model, or undefined. */
export function learnFrom(outcome: VllmError | SeenAnswer): Lesson | undefined {
  return "toolCalls" in outcome ? learnFromAnswer(outcome) : learnFromError(outcome);
}

/** Calls that the server itself took out of the model's text: its tool parser reads them. */
function learnFromAnswer({ toolCalls }: SeenAnswer): Lesson | undefined {
  const isRead = toolCalls.some(({ recovered, parseError }) => recovered !== true && parseError === undefined);
  return isRead ? { toolCalling: "yes" } : undefined;
}

/** An error of a request → what it says about the model, or undefined. */
function learnFromError(error: VllmError): Lesson | undefined {
  if (error.code === "CONTEXT_LENGTH_EXCEEDED" && error.maxModelLen !== undefined)
    return { contextWindow: error.maxModelLen };
  if (error.code === "TOOL_PARSER_NOT_ENABLED") return { toolCalling: "no" };
  if (error.reason === "text-only") return { imageInput: "no" };
  return undefined;
}

/** Facts that still hold for what the report shows; the others are about a server that is gone. */
export function stillTrue(facts: readonly LearnedFact[], report: ServerReport): LearnedFact[] {
  return facts.filter((fact) => {
    const model = report.models.find(({ id }) => id === fact.model);
    // A server that does not say when it was started may have got its tool parser since: an active probe sees it.
    const seen = model?.toolCalling.status;
    const isDisproved = (fact.toolCalling === "no" && seen === "yes") || (fact.toolCalling === "yes" && seen === "no");
    return model !== undefined && !isDisproved && model.root === fact.root && knowsRun(report, fact);
  });
}

/** A report with what was learned before. What the server says of itself stays: `server > gateway > learned > probed > assumed`. */
export function applyLearnedFacts(report: ServerReport, facts: readonly LearnedFact[]): ServerReport {
  if (facts.length === 0) return report;
  return {
    ...report,
    models: report.models.map((model) => facts.filter((fact) => fact.model === model.id).reduce(applyFact, model)),
  };
}

function applyFact(model: DiscoveredModel, fact: LearnedFact): DiscoveredModel {
  const evidence = `a request of ${new Date(fact.learnedAt).toISOString()} was refused`;
  const refused: Capability = { status: "no", evidence, source: "learned" };
  const profile: ModelProfile = { ...model.profile };
  const result: DiscoveredModel = { ...model, profile };
  if (fact.contextWindow !== undefined && yields(profile.contextWindow.source)) {
    profile.contextWindow = { value: fact.contextWindow, source: "learned", evidence };
    result.contextWindow = fact.contextWindow;
  }
  if (fact.toolCalling === "no" && yields(model.toolCalling.source)) {
    result.toolCalling = { ...refused, cause: "no-tool-parser" };
    profile.toolCalling = { value: "no", source: "learned", evidence };
  }
  if (fact.toolCalling === "yes" && yields(model.toolCalling.source)) {
    const worked = `an answer of ${new Date(fact.learnedAt).toISOString()} held a call`;
    result.toolCalling = { status: "yes", source: "learned", evidence: worked };
    profile.toolCalling = { value: "yes", source: "learned", evidence: worked };
  }
  if (fact.imageInput === "no" && yields(model.imageInput.source)) {
    result.imageInput = refused;
    profile.input = { value: profile.input.value.filter((kind) => kind !== "image"), source: "learned", evidence };
  }
  return result;
}

function yields(source: Capability["source"]): boolean {
  return source === "probed" || source === "assumed" || source === "learned";
}
