import type { ModelProfile } from "@vllm/schema/core";
import { DEFAULTS } from "@vllm/schema/core";
import { unknown } from "../report/capability.ts";
import type { DiscoveredModel, ModelTask } from "../report/server-report.ts";
import type { ListedModel } from "./read-model-list.ts";

/** Served ids → models of which only the list is known; whatever a probe shows is added later. */
export function toDiscoveredModels(
  listed: readonly ListedModel[],
  server: { version: string | undefined; task?: { task: ModelTask; evidence: string } | undefined },
): DiscoveredModel[] {
  return listed.map((model) => ({
    id: model.id,
    root: model.root,
    parent: model.parent,
    aliases: listed.filter((other) => isAlias(model, other)).map((other) => other.id),
    task: server.task?.task ?? "unknown",
    taskEvidence: server.task?.evidence ?? "nobody asked yet",
    contextWindow: model.window?.value,
    toolCalling: unknown("nobody asked yet"),
    requiredToolCalls: unknown("nobody asked yet"),
    namedToolCalls: unknown("nobody asked yet"),
    parallelToolCalls: unknown("nobody asked yet"),
    thinks: unknown("nobody asked yet"),
    reasoning: unknown("nobody asked yet"),
    structuredOutput: unknown("nobody asked yet"),
    imageInput: unknown("nobody asked yet"),
    audioInput: unknown("nobody asked yet"),
    videoInput: unknown("nobody asked yet"),
    templateTools: undefined,
    templateCalls: undefined,
    templateCallExample: undefined,
    profile: toProfile(model, server.version),
  }));
}

function isAlias(model: ListedModel, other: ListedModel): boolean {
  return (
    model.id !== other.id && model.root !== undefined && model.root === other.root && model.parent === other.parent
  );
}

function toProfile(model: ListedModel, serverVersion: string | undefined): ModelProfile {
  const { window } = model;
  return {
    id: model.id,
    root: model.root,
    parent: model.parent,
    serverVersion,
    contextWindow:
      window === undefined
        ? { value: DEFAULTS.contextWindow, source: "assumed", evidence: "the server does not say it" }
        : { value: window.value, source: window.source, evidence: `${window.field} of /v1/models` },
    input: { value: ["text"], source: "assumed", evidence: "every chat model takes text; nobody asked for more" },
    toolCalling: { value: "unknown", source: "assumed", evidence: "nobody asked yet" },
    reasoning: { value: "unknown", source: "assumed", evidence: "nobody asked yet" },
  };
}
