import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Agent, AgentFacts } from "./agent.ts";
import { KEY_VARIABLE } from "./key-variable.ts";
import { withOption } from "./words.ts";

/** OpenAI's Codex. Asks by the Responses protocol; `-c` overrides its configuration for one run. */
export const codex: Agent = {
  id: "codex",
  label: "Codex",
  program: "codex",
  packageName: "@openai/codex",
  protocol: "responses",
  ownPrompt: { tokens: 8200, agentVersion: "0.171.0", tokenizer: "Qwen3" },
  // It compacts on this code, and ends the turn with the words of any other.
  overflow: { conversation: "context_length_exceeded", ownPrompt: "plain" },

  plan(facts, { key, words }) {
    const provider = providerOf(facts, key === undefined ? undefined : KEY_VARIABLE);
    const settings = { ...topLevel(facts), ...prefixed("model_providers.vllm", provider) };
    return {
      words: [
        ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${toToml(value)}`]),
        ...withOption(words, ["-m", "--model", facts.modelId]),
      ],
      env: { [KEY_VARIABLE]: key },
    };
  },

  snippet(facts) {
    const provider = providerOf(facts, facts.needsKey ? "VLLM_API_KEY" : undefined);
    return {
      goesTo: "~/.codex/config.toml",
      text: [
        ...toLines({ model: facts.modelId, ...topLevel(facts) }),
        "",
        "[model_providers.vllm]",
        ...toLines(provider),
      ].join("\n"),
      run: "codex",
    };
  },

  async budget({ env, home }) {
    const path = join(env["CODEX_HOME"] ?? join(home, ".codex"), "config.toml");
    const text = await readFile(path, "utf8").catch(() => "");
    const lines = text.split("\n").map((line) => line.trim());
    // Only what stands above the first table is about every model.
    const firstTable = lines.findIndex((line) => line.startsWith("["));
    const top = firstTable === -1 ? lines : lines.slice(0, firstTable);
    const [, value = ""] = top.find((line) => /^model_context_window\b/.test(line))?.split("=") ?? [];
    const window = Number.parseInt(value.replaceAll("_", ""), 10);
    return { window: window > 0 ? window : undefined };
  },
};

type Settings = Record<string, string | number>;

function topLevel({ window }: AgentFacts): Settings {
  return { model_provider: "vllm", ...(window === undefined ? {} : { model_context_window: window }) };
}

function providerOf({ baseUrl }: AgentFacts, keyVariable: string | undefined): Settings {
  return {
    name: "vLLM",
    base_url: baseUrl,
    wire_api: "responses",
    ...(keyVariable === undefined ? {} : { env_key: keyVariable }),
  };
}

function prefixed(table: string, settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${table}.${name}`, value]));
}

function toLines(settings: Settings): string[] {
  return Object.entries(settings).map(([name, value]) => `${name} = ${toToml(value)}`);
}

/** A JSON string is a basic string of TOML. */
function toToml(value: string | number): string {
  return JSON.stringify(value);
}
