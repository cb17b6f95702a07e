import { join } from "node:path";
import { quoteForShell } from "@vllm/coderclaw-adapter/internal";
import type { Agent } from "./agent.ts";
import { planWithConfig } from "./plan-with-config.ts";

/** OpenClaw, in this terminal and without a gateway. Uses a copy of the user's configuration, and the user's state. */
export const openclaw: Agent = {
  id: "openclaw",
  label: "OpenClaw",
  program: "openclaw",
  packageName: "openclaw",
  protocol: "chat",
  ownPrompt: { tokens: 13_600, agentVersion: "2026.9.6", tokenizer: "Qwen3" },
  overflow: { conversation: "maximum-context-length", ownPrompt: "plain" },

  async plan(facts, place) {
    const { text, stateDir } = await planWithConfig("openclaw", facts, place);
    return {
      words: place.words.length === 0 ? ["chat"] : place.words,
      env: { OPENCLAW_CONFIG_PATH: join(place.folder, "openclaw.json"), OPENCLAW_STATE_DIR: stateDir },
      files: { "openclaw.json": text },
    };
  },

  snippet: ({ baseUrl, modelId }) => ({
    goesTo: "shell",
    text: `npx @vllm/connect init-plugin --agent openclaw\nnpx @vllm/connect setup --agent openclaw --base-url ${quoteForShell(baseUrl)} --model ${quoteForShell(modelId)}`,
    run: 'openclaw agent --local --agent main -m "List the files here"',
  }),
};
