import { join } from "node:path";
import type { Agent, AgentFacts } from "./agent.ts";
import { hasOption } from "./words.ts";

/** Continue's command. `--config` takes the place of the user's own configuration for one run. */
export const continueAgent: Agent = {
  id: "continue",
  label: "Continue",
  program: "cn",
  packageName: "@continuedev/cli",
  protocol: "chat",
  ownPrompt: { tokens: 2000, agentVersion: "1.5.47", tokenizer: "Qwen3" },
  overflow: { conversation: "maximum-context-length", ownPrompt: "plain" },

  plan(facts, { key, words, folder }) {
    const config = join(folder, "config.yaml");
    return {
      words: hasOption(words, "--config") ? words : ["--config", config, ...words],
      env: { CONTINUE_API_KEY: undefined },
      files: { "config.yaml": configOf(facts, key ?? "none") },
    };
  },

  snippet(facts) {
    return {
      goesTo: "~/.continue/config.yaml",
      text: configOf(facts, facts.needsKey ? "${{ secrets.VLLM_API_KEY }}" : "none").trimEnd(),
      run: "cn",
      notes: facts.needsKey ? ["Continue reads VLLM_API_KEY from the environment, or from ~/.continue/.env."] : [],
    };
  },
};

/** Strings of JSON are strings of YAML. */
function configOf({ baseUrl, modelId, window, maxOutput, takesImages }: AgentFacts, apiKey: string): string {
  const capabilities = takesImages ? "tool_use, image_input" : "tool_use";
  const lines = [
    "name: vllm",
    "version: 0.0.1",
    "schema: v1",
    "models:",
    `  - name: ${JSON.stringify(modelId)}`,
    "    provider: vllm",
    `    model: ${JSON.stringify(modelId)}`,
    `    apiBase: ${JSON.stringify(baseUrl)}`,
    `    apiKey: ${JSON.stringify(apiKey)}`,
    `    capabilities: [${capabilities}]`,
    "    roles: [chat]",
    "    defaultCompletionOptions:",
    ...(window === undefined ? [] : [`      contextLength: ${window}`]),
    `      maxTokens: ${maxOutput}`,
  ];
  return `${lines.join("\n")}\n`;
}
