import { join } from "node:path";
import type { Agent, AgentFacts } from "./agent.ts";
import { tokensIn, without } from "./environment.ts";
import { toExports } from "./to-exports.ts";
import { hasOption, withOption } from "./words.ts";

/** Qwen Code. Repairs and runs truncated calls by itself: it needs the bridge more than the others. */
export const qwen: Agent = {
  id: "qwen",
  label: "Qwen Code",
  program: "qwen",
  packageName: "@qwen-code/qwen-code",
  protocol: "chat",
  ownPrompt: { tokens: 16_400, agentVersion: "0.24.4", tokenizer: "Qwen3" },
  overflow: { conversation: "maximum-context-length", ownPrompt: "plain" },

  plan(facts, { key, words, folder, env }) {
    const path = join(folder, "qwen-settings.json");
    const named = withOption(words, ["-m", "--model", facts.modelId]);
    // The administrator's own file stays in force; without it, ours tells the window, for which there is no variable.
    const isManaged = env[SYSTEM_SETTINGS] !== undefined;
    return {
      words: hasOption(words, "--auth-type") ? named : ["--auth-type", "openai", ...named],
      env: {
        ...without("OPENAI_ORGANIZATION", "OPENAI_PROJECT"),
        ...variablesOf(facts),
        OPENAI_API_KEY: key ?? NO_KEY,
        ...(isManaged ? {} : { [SYSTEM_SETTINGS]: path }),
      },
      files: isManaged ? {} : { "qwen-settings.json": JSON.stringify(settingsOf(facts)) },
    };
  },

  snippet(facts) {
    const key = facts.needsKey ? '"$VLLM_API_KEY"' : NO_KEY;
    return {
      goesTo: "shell",
      text: [...toExports(variablesOf(facts)), `export OPENAI_API_KEY=${key}`].join("\n"),
      run: "qwen --auth-type openai",
      notes: [
        `The window goes into ~/.qwen/settings.json: ${JSON.stringify(settingsOf(facts))}`,
        "Qwen Code repairs truncated tool calls and runs them; the bridge (npx @vllm/connect bridge) prevents that.",
      ],
    };
  },

  async budget({ env }) {
    return { maxOutput: tokensIn(env, MAX_OUTPUT) };
  },
};

const NO_KEY = "none";
const MAX_OUTPUT = "QWEN_CODE_MAX_OUTPUT_TOKENS";
/** A file that overrides the user's settings. */
const SYSTEM_SETTINGS = "QWEN_CODE_SYSTEM_SETTINGS_PATH";

function variablesOf({ baseUrl, modelId, maxOutput }: AgentFacts): Record<string, string> {
  return {
    OPENAI_BASE_URL: baseUrl,
    OPENAI_MODEL: modelId,
    // It asks for 32,768.
    [MAX_OUTPUT]: String(maxOutput),
  };
}

function settingsOf({ modelId, window }: AgentFacts): object {
  return {
    model: { name: modelId, ...(window === undefined ? {} : { generationConfig: { contextWindowSize: window } }) },
  };
}
