import { ConfigError, DEFAULTS } from "@vllm/schema/core";

/** Names that the hosts turn into another provider's (host rule: `model-selection.ts`). */
const HOST_ALIASES = new Set(["z.ai", "z-ai", "opencode-zen", "qwen", "kimi-code"]);

/**
 * The id of a provider in `models.providers`: `vllm`, or `vllm-<name>` for a further server (checklist 36, 39).
 *
 * @throws {ConfigError} for any other id.
 */
export function parseProviderId(text: string): string {
  const id = text.trim();
  if (/^vllm(-[a-z0-9][a-z0-9._-]*)?$/.test(id) && !HOST_ALIASES.has(id)) return id;
  const suggestion = `${DEFAULTS.providerId}-${
    id
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "") || "name"
  }`;
  throw new ConfigError({
    message: `${JSON.stringify(id.slice(0, 100))} cannot be the id of a vLLM provider.`,
    hint: `Use "vllm", or "vllm-<name>" for a further server, for example "${suggestion.replace(/^vllm-vllm/, "vllm")}".`,
    issues: [
      {
        path: "models.providers",
        received: JSON.stringify(id.slice(0, 100)),
        accepted: `"vllm" or "vllm-<name>", lower case`,
        fix: `Use "${suggestion.replace(/^vllm-vllm/, "vllm")}".`,
      },
    ],
  });
}
