import type { HistoryRules } from "@vllm/schema/core";
import type { ThoughtMarker } from "../families/thought-markers.ts";
import type { ToolFormat } from "../families/tool-formats.ts";
import type { Capability } from "../report/capability.ts";

/** What a template does with tools, calls and thoughts in the history of an agent. */
export interface ToolFacts {
  knowsTools: Capability;
  rendersCalls: Capability;
  callExample: string | undefined;
  format: ToolFormat | undefined;
  parallelCalls: Capability;
  marker: ThoughtMarker | undefined;
  history: Pick<HistoryRules, "toolCallIds" | "reasoningReplay" | "keepReasoningKwargs">;
  historyEvidence: string;
}
