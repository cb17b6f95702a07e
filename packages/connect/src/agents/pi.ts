import { join } from "node:path";
import type { Agent, AgentFacts } from "./agent.ts";
import { KEY_VARIABLE } from "./key-variable.ts";
import { withOption } from "./words.ts";

/** pi. An extension registers the provider for one run; `models.json` would be the user's. */
export const pi: Agent = {
  id: "pi",
  label: "pi",
  program: "pi",
  packageName: "@earendil-works/pi-coding-agent",
  protocol: "chat",
  ownPrompt: { tokens: 1200, agentVersion: "1.6.0", tokenizer: "Qwen3" },
  overflow: { conversation: "maximum-context-length", ownPrompt: "plain" },

  plan(facts, { key, words, folder }) {
    // pi wants a key for every provider, and any text will do.
    const { provider } = providerOf(facts, `$${KEY_VARIABLE}`);
    return {
      words: isTalk(words)
        ? ["--extension", join(folder, "vllm.js"), ...withOption(words, ["-m", "--model", `vllm/${facts.modelId}`])]
        : words,
      env: { [KEY_VARIABLE]: key ?? "none" },
      files: {
        "vllm.js": `export default (pi) => pi.registerProvider("vllm", ${JSON.stringify(provider)});\n`,
      },
    };
  },

  snippet(facts) {
    const { provider } = providerOf(facts, facts.needsKey ? "$VLLM_API_KEY" : "none");
    return {
      goesTo: "~/.pi/agent/models.json",
      text: JSON.stringify({ providers: { vllm: provider } }, undefined, 2),
      run: `pi --model vllm/${facts.modelId}`,
    };
  },
};

const COMMANDS = new Set(["install", "remove", "uninstall", "update", "list", "config", "auth", "mcp"]);

/** Commands that manage pi itself know neither an extension nor a model. */
function isTalk([first = ""]: readonly string[]): boolean {
  return !COMMANDS.has(first);
}

function providerOf(facts: AgentFacts, apiKey: string): { provider: object } {
  const { baseUrl, modelId, window, maxOutput, reasons, hasThinkingSwitch, takesImages } = facts;
  return {
    provider: {
      name: "vLLM",
      baseUrl,
      apiKey,
      api: "openai-completions",
      models: [
        {
          type: "chat",
          id: modelId,
          name: modelId,
          reasoning: reasons,
          input: takesImages ? ["text", "image"] : ["text"],
          cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
          ...(window === undefined ? {} : { contextWindow: window }),
          maxTokens: maxOutput,
          compat: {
            supportsDeveloperRole: false,
            ...(hasThinkingSwitch ? { thinkingFormat: "qwen-chat-template" } : {}),
          },
        },
      ],
    },
  };
}
