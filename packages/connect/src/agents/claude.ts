import { join } from "node:path";
import type { Agent, AgentFacts } from "./agent.ts";
import { tokensIn, without } from "./environment.ts";
import { toExports } from "./to-exports.ts";
import { hasOption, withOption } from "./words.ts";

/** Claude Code. Asks by Anthropic's protocol, at the server's root. */
export const claude: Agent = {
  id: "claude",
  label: "Claude Code",
  program: "claude",
  packageName: "@anthropic-ai/claude-code",
  protocol: "messages",
  ownPrompt: { tokens: 11_100, agentVersion: "2.1.332", tokenizer: "Qwen3" },
  // Any other 400 it sends six times; of a prompt of its own that is too large it says so itself.
  overflow: { conversation: "prompt-is-too-long", ownPrompt: "prompt-is-too-long" },

  plan(facts, { key, words, folder }) {
    const env = { ...settingsOf(facts), ANTHROPIC_AUTH_TOKEN: key ?? NO_KEY };
    const settings = join(folder, "claude-settings.json");
    const named = withOption(words, ["-m", "--model", facts.modelId]);
    return {
      words: hasOption(words, "--settings") ? named : ["--settings", settings, ...named],
      env: { ...without(...VENDORS), ...env },
      // The user's own settings may set the same variables, and override the environment; --settings overrides both.
      files: { "claude-settings.json": JSON.stringify({ model: facts.modelId, env }) },
    };
  },

  snippet(facts) {
    const key = facts.needsKey ? '"$VLLM_API_KEY"' : NO_KEY;
    return {
      goesTo: "shell",
      text: ["unset ANTHROPIC_API_KEY", ...toExports(settingsOf(facts)), `export ANTHROPIC_AUTH_TOKEN=${key}`].join(
        "\n",
      ),
      run: "claude",
    };
  },

  async budget({ env }) {
    return {
      window: tokensIn(env, "CLAUDE_CODE_MAX_CONTEXT_TOKENS"),
      maxOutput: tokensIn(env, "CLAUDE_CODE_MAX_OUTPUT_TOKENS"),
    };
  },
};

/** Any text will do: Claude Code asks for a login without one. */
const NO_KEY = "none";

/** What would send the conversation, or a key of the user's, elsewhere. */
const VENDORS = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_CUSTOM_HEADERS",
  "CLAUDE_CODE_API_BASE_URL",
  "CLAUDE_CODE_OAUTH_TOKEN",
  "CLAUDE_CODE_USE_ANTHROPIC_AWS",
  "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_FOUNDRY",
  "CLAUDE_CODE_USE_GATEWAY",
  "CLAUDE_CODE_USE_MANTLE",
  "CLAUDE_CODE_USE_VERTEX",
] as const;

/** The vendor's names of models: `--model sonnet`, subagents, and the small model for titles. */
const ALIASES = [
  "ANTHROPIC_MODEL",
  "ANTHROPIC_DEFAULT_OPUS_MODEL",
  "ANTHROPIC_DEFAULT_SONNET_MODEL",
  "ANTHROPIC_DEFAULT_HAIKU_MODEL",
  "ANTHROPIC_DEFAULT_FABLE_MODEL",
  "ANTHROPIC_SMALL_FAST_MODEL",
  "CLAUDE_CODE_SUBAGENT_MODEL",
] as const;

function settingsOf({ serverRoot, modelId, window, maxOutput }: AgentFacts): Record<string, string> {
  return {
    ANTHROPIC_BASE_URL: serverRoot,
    ...Object.fromEntries(ALIASES.map((name) => [name, modelId])),
    // It assumes 1,000,000 tokens, and asks for 32,000.
    ...(window === undefined ? {} : { CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(window) }),
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxOutput),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    // A line that changes with each request at the top of the prompt: nothing would come from the prefix cache.
    CLAUDE_CODE_ATTRIBUTION_HEADER: "0",
  };
}
