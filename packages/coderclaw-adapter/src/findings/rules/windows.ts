import type { JsonObject } from "../../config-file/json-value.ts";
import { defaultModel } from "../../agent-config/provider-settings.ts";
import type { AgentId } from "../../agents/agent-location.ts";
import { AGENT_LABELS } from "../../agents/agent-location.ts";
import type { AdapterFinding } from "../adapter-finding.ts";
import { configuredModels } from "../configured-models.ts";
import type { AgentRule } from "../agent-situation.ts";
import { BARE_PROMPT, COMFORTABLE_SERVED_WINDOW, COMFORTABLE_WINDOW, SMALLEST_WINDOW } from "../agent-windows.ts";
import { openClawBudget } from "../../provider/host-model.ts";
import { fieldFix } from "../sync-fix.ts";

/** Configured windows against those of the server and the least that an agent works with. */
export const windows: AgentRule = (situation) => {
  const { config, providerId, report, agent } = situation;
  const wanted = defaultModel(config);
  return configuredModels(config, providerId).flatMap((model): AdapterFinding[] => {
    const id = String(model["id"]);
    const isServed = report?.state !== "ready" || report.models.some((other) => other.id === id);
    // Of a model that nobody uses it is enough to know that it is not served.
    if (!isServed && (wanted?.provider !== providerId || wanted.modelId !== id)) return [];
    const configured = numberOr(model["contextWindow"], 200_000);
    const served = report?.models.find((other) => other.id === id)?.contextWindow;
    const smallest = SMALLEST_WINDOW[agent];
    const effective = Math.min(configured, served ?? configured);
    // OpenClaw plans with `contextTokens` where the row has it, and its minimum counts for that.
    const budget = agent === "openclaw" ? Math.min(numberOr(model["contextTokens"], effective), effective) : effective;
    if (budget < smallest) {
      const found = { id, configured, served, budget };
      const isOwnBudget = agent === "openclaw" && openClawBudget(effective) >= smallest;
      return [
        isOwnBudget
          ? budgetBelowMinimum(found, fieldFix(situation, id, "contextTokens"))
          : windowBelowMinimum(agent, found, fieldFix(situation, id, "contextWindow")),
      ];
    }
    const findings: AdapterFinding[] = [];
    if (served !== undefined && configured > served) {
      findings.push({
        code: "WINDOW_TOO_LARGE_IN_CONFIG",
        severity: "error",
        model: id,
        message: `${id}: the configuration says ${configured} tokens, the server ends at ${served}. Long conversations fail instead of being compacted.`,
        fix: fieldFix(situation, id, "contextWindow"),
      });
    }
    if (served !== undefined && configured < served) {
      findings.push({
        code: "WINDOW_OUT_OF_DATE",
        severity: "info",
        model: id,
        message: `${id}: the configuration says ${configured} tokens, the server could take ${served}.`,
        fix: fieldFix(situation, id, "contextWindow"),
      });
    }
    findings.push(...(agent === "coderclaw" ? tightWindow(id, effective, model) : tightBudget(id, budget)));
    return findings;
  });
};

interface Windows {
  id: string;
  configured: number;
  served: number | undefined;
  /** What the agent plans with. */
  budget: number;
}

const BELOW_MINIMUM = { code: "WINDOW_BELOW_HOST_MINIMUM", severity: "error" } as const;
const refuses = (agent: AgentId): string => `${AGENT_LABELS[agent]} refuses to run below ${SMALLEST_WINDOW[agent]}`;

function windowBelowMinimum(agent: AgentId, { id, configured, served, budget }: Windows, fix: string): AdapterFinding {
  const finding = { ...BELOW_MINIMUM, model: id };
  if (served !== undefined && served > configured && served >= SMALLEST_WINDOW[agent]) {
    return {
      ...finding,
      message: `${id}: the configuration says ${configured} tokens, and ${refuses(agent)}. The server could take ${served}.`,
      fix,
    };
  }
  const window = served ?? configured;
  const says = configured === window ? "" : ` (the configuration says ${configured})`;
  const planned = budget < Math.min(window, configured) ? `, of which the agent plans with ${budget}` : "";
  return {
    ...finding,
    message: `${id}: the window is ${window} tokens${says}${planned}, and ${refuses(agent)}.`,
    fix: `Start the server with --max-model-len ${COMFORTABLE_SERVED_WINDOW} or more, then npx @vllm/connect sync`,
  };
}

function budgetBelowMinimum({ id, budget }: Windows, fix: string): AdapterFinding {
  const message = `${id}: contextTokens is ${budget}, and ${refuses("openclaw")}.`;
  return { ...BELOW_MINIMUM, model: id, message, fix };
}

/** What is left of it for the answer does not matter here: our rows and OpenClaw itself make room for that. */
function tightBudget(id: string, budget: number): AdapterFinding[] {
  if (budget >= BARE_PROMPT.openclaw) return [];
  return [
    {
      code: "NO_ROOM_FOR_THE_PROMPT",
      severity: "warning",
      model: id,
      message: `${id}: OpenClaw may fill ${budget} tokens, and its own prompt and tools take about ${BARE_PROMPT.openclaw}: the first turn does not fit.`,
      fix: `Start the server with --max-model-len ${COMFORTABLE_SERVED_WINDOW} or more, then npx @vllm/connect sync`,
    },
  ];
}

function tightWindow(id: string, window: number, model: JsonObject): AdapterFinding[] {
  const maxTokens = Math.min(numberOr(model["maxTokens"], 8192), window);
  if (window - maxTokens < BARE_PROMPT.coderclaw) {
    return [
      {
        code: "NO_ROOM_FOR_THE_PROMPT",
        severity: "warning",
        model: id,
        message: `${id}: ${window} tokens minus ${maxTokens} for the answer leave no room for CoderClaw's own prompt and tools (about ${BARE_PROMPT.coderclaw}). vLLM before 0.32 refuses every such request.`,
        fix: `Set maxTokens to ${Math.max(1024, Math.floor((window - BARE_PROMPT.coderclaw) / 1024) * 1024)}, or start the server with a larger --max-model-len.`,
      },
    ];
  }
  if (window >= COMFORTABLE_WINDOW) return [];
  return [
    {
      code: "COMPACTION_STARTS_EARLY",
      severity: "info",
      model: id,
      message: `${id}: with a window of ${window} tokens CoderClaw compacts the conversation from ${Math.max(0, window - 20_000)} tokens on.`,
      fix: "Lower agents.defaults.compaction.reserveTokensFloor (20000), or start the server with a larger --max-model-len.",
    },
  ];
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === "number" && value > 0 ? value : fallback;
}
