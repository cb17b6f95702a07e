import { join } from "node:path";
import { quoteForShell } from "@vllm/coderclaw-adapter/internal";
import type { Agent, AgentFacts } from "./agent.ts";
import { hasOption, withOption } from "./words.ts";

/** Cline's command. A variable names another file for its providers. */
export const cline: Agent = {
  id: "cline",
  label: "Cline",
  program: "cline",
  packageName: "cline",
  protocol: "chat",
  ownPrompt: { tokens: 4500, agentVersion: "3.0.65", tokenizer: "Qwen3" },
  overflow: { conversation: "maximum-context-length", ownPrompt: "plain" },

  plan(facts, { key, words, folder }) {
    const named = withOption(words, ["-m", "--model", facts.modelId]);
    return {
      words: COMMANDS.has(words[0] ?? "")
        ? words
        : hasOption(words, "-P", "--provider")
          ? named
          : ["--provider", PROVIDER, ...named],
      env: { CLINE_PROVIDER_SETTINGS_PATH: join(folder, "providers.json"), CLINE_API_KEY: undefined },
      files: { "providers.json": JSON.stringify(settingsOf(facts, key ?? "none")) },
    };
  },

  snippet(facts) {
    const { baseUrl, modelId, needsKey, window, maxOutput } = facts;
    const key = needsKey ? '"$VLLM_API_KEY"' : "none";
    return {
      goesTo: "shell",
      text: `cline auth --provider ${PROVIDER} --apikey ${key} --modelid ${quoteForShell(modelId)} --baseurl ${quoteForShell(baseUrl)}`,
      run: "cline",
      notes:
        window === undefined
          ? []
          : [
              `The window has no option: add "contextWindow": ${window} and "maxTokens": ${maxOutput} to the settings of ${PROVIDER} in ~/.cline/data/settings/providers.json.`,
            ],
    };
  },
};

const PROVIDER = "openai-compatible";
const COMMANDS = new Set(
  "auth config plugin skill connect mcp doctor history h hook schedule hub dashboard update version kanban".split(" "),
);

/** The file that `cline auth` of 3.0.65 writes. */
function settingsOf({ baseUrl, modelId, window, maxOutput }: AgentFacts, apiKey: string): object {
  const limits = { maxTokens: maxOutput, ...(window === undefined ? {} : { contextWindow: window }) };
  const settings = { provider: PROVIDER, apiKey, model: modelId, baseUrl, ...limits };
  return {
    version: 1,
    lastUsedProvider: PROVIDER,
    modes: {},
    providers: { [PROVIDER]: { settings, updatedAt: new Date(0).toISOString(), tokenSource: "manual" } },
  };
}
