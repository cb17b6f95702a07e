import {
  detectAgent,
  getValue,
  isObject,
  planSetup,
  previewSetup,
  readAgentConfig,
} from "@vllm/coderclaw-adapter/internal";
import type { AgentId, DocumentEdit, JsonObject } from "@vllm/coderclaw-adapter/internal";
import type { ServerReport } from "@vllm/discovery";
import { VllmError } from "@vllm/schema/core";
import type { AgentFacts, LaunchPlace } from "./agent.ts";

/** Neither agent has a stored key or rows for it. */
const PROVIDER = "vllm-launch";
const PROVIDER_PATH = ["models", "providers", PROVIDER];

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
  const edits = plan.edits.map((edit) => withKey(edit, key ?? "none"));
  const change = previewSetup(config, { ...plan, edits });
  return { text: change.text, stateDir: location.stateDir };
}

/** The provider's edit with the key in it: the configuration is a file of this run only, readable by this user only. */
function withKey(edit: DocumentEdit, apiKey: string): DocumentEdit {
  const value = structuredClone(edit.value);
  const rest = PROVIDER_PATH.slice(edit.path.length);
  const isAbove = edit.path.every((step, index) => step === PROVIDER_PATH[index]);
  const provider = isAbove ? getValue(value as JsonObject, rest) : undefined;
  if (isObject(provider)) Object.assign(provider, { apiKey });
  return { ...edit, value };
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
