import { ConfigError, DEFAULTS, isVllmProviderId } from "@vllm/schema/core";

/**
 * The id of a provider in `models.providers`: `vllm`, or `vllm-<name>` for a further server. None of these is a name that the agents turn into
 * another provider's, as they do with `qwen` or `z-ai` (agent/coderclaw/provider-id).
 *
 * @throws {ConfigError} for any other id.
 */
export function parseProviderId(text: string): string {
  const id = text.trim();
  if (isVllmProviderId(id)) return id;
  const suggestion = `${DEFAULTS.providerId}-${
    id
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|(?<!-)-+$/g, "") || "name"
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
