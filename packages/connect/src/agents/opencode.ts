import { parseJson } from "@vllm/schema/internal";
import type { Agent, AgentFacts } from "./agent.ts";
import { KEY_VARIABLE } from "./key-variable.ts";
import { withOption } from "./words.ts";

/** opencode. A configuration in a variable is merged over the user's files. */
export const opencode: Agent = {
  id: "opencode",
  label: "opencode",
  program: "opencode",
  packageName: "opencode-ai",
  protocol: "chat",
  ownPrompt: { tokens: 6900, agentVersion: "1.18.33", tokenizer: "Qwen3" },
  overflow: { conversation: "maximum-context-length", ownPrompt: "plain" },

  plan(facts, { key, words, env }) {
    const ours = configOf(facts, key === undefined ? undefined : KEY_VARIABLE);
    return {
      words: isTalk(words) ? nameModel(words, `vllm/${facts.modelId}`) : words,
      env: {
        [KEY_VARIABLE]: key,
        OPENCODE_CONFIG_CONTENT: JSON.stringify({ ...parse(env["OPENCODE_CONFIG_CONTENT"]), ...ours }),
      },
    };
  },

  snippet(facts) {
    const config = configOf(facts, facts.needsKey ? "VLLM_API_KEY" : undefined);
    return {
      goesTo: "opencode.json in a project, or ~/.config/opencode/opencode.json for all",
      text: JSON.stringify({ $schema: "https://opencode.ai/config.json", ...config }, undefined, 2),
      run: "opencode",
    };
  },
};

function configOf({ baseUrl, modelId, window, maxOutput, reasons, takesImages }: AgentFacts, keyVariable?: string) {
  const model = `vllm/${modelId}`;
  return {
    provider: {
      vllm: {
        npm: "@ai-sdk/openai-compatible",
        name: "vLLM",
        options: { baseURL: baseUrl, ...(keyVariable === undefined ? {} : { apiKey: `{env:${keyVariable}}` }) },
        models: {
          [modelId]: {
            name: modelId,
            reasoning: reasons,
            tool_call: true,
            ...(takesImages ? { attachment: true, modalities: { input: ["text", "image"], output: ["text"] } } : {}),
            ...(window === undefined ? {} : { limit: { context: window, output: maxOutput } }),
          },
        },
      },
    },
    model,
    // Titles of conversations would go to a vendor's small model.
    small_model: model,
  };
}

/** Commands that talk to a model; the others do not know `--model`. */
function isTalk([first = ""]: readonly string[]): boolean {
  return first === "run" || first === "" || first.startsWith("-") || /[./\\]/.test(first);
}

/** A conversation that goes on keeps the model of its last answer, unless one is named. */
function nameModel(words: readonly string[], model: string): string[] {
  const [first, ...rest] = words;
  return first === "run"
    ? [first, ...withOption(rest, ["-m", "--model", model])]
    : withOption(words, ["-m", "--model", model]);
}

function parse(text: string | undefined): object {
  const value = parseJson(text ?? "{}");
  return typeof value === "object" && value !== null ? value : {};
}
