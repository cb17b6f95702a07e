import { detectAgent, planSetup, previewSetup, readAgentConfig } from "@vllm/coderclaw-adapter/internal";
import type { AgentId, ConfigChange } from "@vllm/coderclaw-adapter/internal";
import type { ServerReport } from "@vllm/discovery";
import { VllmError } from "@vllm/schema/core";
import type { AgentFacts, LaunchPlace } from "./agent.ts";

/** Neither agent has a stored key or rows for it. */
const PROVIDER = "vllm-launch";

/**
 * The user's configuration with the server in it, for one run.
 *
 * @throws {VllmError} `CONFIG_INVALID` for a configuration whose parts stand in other files: from another folder they would not be found
 */
export async function planWithConfig(
  agent: AgentId,
  facts: AgentFacts,
  { key, report, env, home }: Pick<LaunchPlace, "key" | "report" | "env" | "home">,
): Promise<{ text: string; stateDir: string }> {
  const { location } = detectAgent({ env, homeDirectory: home }, { agent });
  const config = await readAgentConfig(location, env);
  if (config.file.text.includes("$include")) throw hasIncludes(agent, location.configPath);
  const plan = await planSetup({
    agent: config,
    providerId: PROVIDER,
    report: toServed(report, facts),
    key: { kind: "none" },
    recorded: {},
    defaultModelId: facts.modelId,
  });
  // A file of this run only, readable by this user only.
  const apiKey = { path: ["models", "providers", PROVIDER, "apiKey"], value: key ?? "none" };
  const change: ConfigChange = previewSetup(config, { ...plan, edits: [...plan.edits, apiKey] });
  return { text: change.text, stateDir: location.stateDir };
}

/** One model, at the address that the agent asks. */
function toServed(report: ServerReport, { baseUrl, modelId }: AgentFacts): ServerReport {
  return { ...report, apiRoot: baseUrl, models: report.models.filter(({ id }) => id === modelId) };
}

function hasIncludes(agent: AgentId, path: string): VllmError {
  return new VllmError({
    code: "CONFIG_INVALID",
    message: `${path} includes other files ($include), which a copy of it would not find.`,
    hint: `Set the server up permanently: npx @vllm/connect setup --agent ${agent}`,
  });
}
