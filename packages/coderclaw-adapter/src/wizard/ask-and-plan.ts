import { DEFAULTS } from "@vllm/schema/core";
import { getValue } from "../config-file/json-value.ts";
import type { Environment } from "../agents/agent-home.ts";
import type { WizardPrompter } from "../wizard/wizard-prompter.ts";
import type { AskedServer, ServerQuestions } from "./ask-for-server.ts";
import { askForServer } from "./ask-for-server.ts";
import type { ProviderPlan } from "../provider/plan-provider.ts";
import { planProvider } from "../provider/plan-provider.ts";

/** CoderClaw's wizards: asks for the server, and plans the provider that the answers make of the configuration. */
export async function askAndPlan({
  config,
  prompter,
  env,
  look,
}: {
  config: object;
  prompter: WizardPrompter;
  env: Environment;
  look: ServerQuestions["look"];
}): Promise<{ asked: AskedServer; plan: ProviderPlan }> {
  const fixed = { agent: "coderclaw", providerId: DEFAULTS.providerId } as const;
  const configured = getValue(config, ["models", "providers", DEFAULTS.providerId, "baseUrl"]);
  const known = [configured, env[DEFAULTS.baseUrlVariable], DEFAULTS.baseUrl];
  const initialBaseUrl = known.find((url): url is string => typeof url === "string" && url.trim() !== "") as string;
  const asked = await askForServer({ ...fixed, prompter, look, initialBaseUrl: initialBaseUrl.trim() });
  const plan = planProvider({
    ...fixed,
    config,
    baseUrl: asked.apiRoot,
    apiKey: DEFAULTS.apiKeyVariable,
    models: asked.models,
    recorded: {},
  });
  return { asked, plan };
}
