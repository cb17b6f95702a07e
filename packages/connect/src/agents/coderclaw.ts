import { join } from "node:path";
import { BARE_PROMPT, quoteForShell, SMALLEST_WINDOW } from "@vllm/coderclaw-adapter/internal";
import type { Agent } from "./agent.ts";
import { planWithConfig } from "./plan-with-config.ts";

/** CoderClaw: its gateway in this terminal, or what the user writes. Uses a copy of the user's configuration, and the user's state. */
export const coderclaw: Agent = {
  id: "coderclaw",
  label: "CoderClaw",
  program: "coderclaw",
  packageName: "@seanhogg/coderclaw",
  protocol: "chat",
  ownPrompt: { tokens: BARE_PROMPT.coderclaw, agentVersion: "2026.5", tokenizer: "estimate" },
  overflow: { conversation: "maximum-context-length", ownPrompt: "plain" },
  refusesBelow: SMALLEST_WINDOW.coderclaw,

  async plan(facts, place) {
    const { text, stateDir } = await planWithConfig("coderclaw", facts, place);
    return {
      words: place.words.length === 0 ? ["gateway", "run", "--allow-unconfigured"] : place.words,
      env: { CODERCLAW_CONFIG_PATH: join(place.folder, "coderclaw.json"), CODERCLAW_STATE_DIR: stateDir },
      files: { "coderclaw.json": text },
    };
  },

  snippet: ({ baseUrl, modelId }) => ({
    goesTo: "shell",
    text: `npx @vllm/connect setup --agent coderclaw --base-url ${quoteForShell(baseUrl)} --model ${quoteForShell(modelId)}`,
    run: 'coderclaw gateway run --allow-unconfigured, and in another terminal coderclaw -m "List the files here"',
  }),
};
