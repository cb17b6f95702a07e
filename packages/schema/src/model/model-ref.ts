import { VllmError } from "../errors/vllm-error.ts";

/** A model as agents name it: `vllm/org/model` is provider `vllm`, model `org/model`. */
export interface ModelRef {
  /** As {@link normalizeProviderId} gives it. */
  provider: string;
  /** As the server spells it; case and further slashes are kept. */
  modelId: string;
}

/** Other names that the agent takes for its own providers (agent rule: `model-selection.ts`). A server of one's own must not be called so. */
const PROVIDER_ALIASES: Readonly<Record<string, string>> = {
  "z.ai": "zai",
  "z-ai": "zai",
  "opencode-zen": "opencode",
  qwen: "qwen-portal",
  "kimi-code": "kimi-coding",
};

/** A provider id as the agent compares it: trimmed, lower case, and the agent's own name for one of its aliases (`qwen` is `qwen-portal`). */
export function normalizeProviderId(text: string): string {
  const id = text.trim().toLowerCase();
  return Object.hasOwn(PROVIDER_ALIASES, id) ? (PROVIDER_ALIASES[id] ?? id) : id;
}

/** Whether a key of `models.providers` is one of ours: `vllm`, or `vllm-<name>` for a further server. */
export function isVllmProviderId(id: string): boolean {
  return /^vllm(-[a-z0-9][a-z0-9._-]*)?$/.test(id);
}

/**
 * Splits `"vllm/org/model"` at the first slash (agent rule: `model-selection.ts`, `parseModelRef`). A bare Hugging Face id such as
 * `Qwen/Qwen3-8B` looks the same and is read as a provider too: put the provider in front with {@link formatModelRef}.
 *
 * @throws {VllmError} `CONFIG_INVALID` when either side is missing.
 */
export function parseModelRef(text: string): ModelRef {
  const ref = safeParseModelRef(text);
  if (ref !== undefined) return ref;
  const trimmed = text.trim();
  const received = trimmed === "" ? "an empty string" : JSON.stringify(trimmed.slice(0, 200));
  const modelId =
    trimmed
      .slice(0, 400)
      .replace(/^\/+|(?<!\/)\/+$/g, "")
      .slice(0, 200) || "<model-id>";
  throw new VllmError({
    code: "CONFIG_INVALID",
    message:
      trimmed === ""
        ? "The model reference is empty."
        : `The model reference ${received} does not name a provider and a model.`,
    hint: `Write it as "provider/model-id", for example "vllm/Qwen/Qwen3-8B".`,
    issues: [
      {
        path: "",
        received,
        accepted: `"provider/model-id", split at the first slash`,
        fix: `Write "vllm/${modelId === "vllm" ? "<model-id>" : modelId}".`,
      },
    ],
  });
}

/** Like {@link parseModelRef}, but returns `undefined` where it would throw. */
export function safeParseModelRef(text: string): ModelRef | undefined {
  const trimmed = text.trim();
  const slash = trimmed.indexOf("/");
  if (slash < 0) return undefined;
  const provider = normalizeProviderId(trimmed.slice(0, slash));
  const modelId = trimmed.slice(slash + 1).trim();
  return provider === "" || modelId === "" ? undefined : { provider, modelId };
}

/** `{ provider: "vllm", modelId: "org/model" }` → `"vllm/org/model"`. */
export function formatModelRef(ref: ModelRef): string {
  return `${ref.provider}/${ref.modelId}`;
}
