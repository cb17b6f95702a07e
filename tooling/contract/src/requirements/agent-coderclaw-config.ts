import type { Requirement } from "./requirement.ts";

const file = (paths: string) => `CoderClaw main of 2026-05-05 (782ea2b): ${paths}`;

/** Rules of CoderClaw's configuration file: where it is, what may stand in it, how it is changed. */
export const agentCoderClawConfig = {
  "agent/coderclaw/config-location": {
    behaviour:
      "The configuration is the file that CoderClaw opens: CODERCLAW_CONFIG_PATH, the state folders, then an installation's folder.",
    source: file("src/config/paths.ts, src/config/io.ts, src/config/install-id.ts, src/infra/home-dir.ts"),
  },
  "agent/coderclaw/config-keys": {
    behaviour: "An unknown key of a provider, a model or compat makes the file invalid, and is named with its path.",
    source: file("src/config/zod-schema.core.ts"),
  },
  "agent/coderclaw/config-required-fields": {
    behaviour:
      "A provider has an address and a list of models, which may be empty; a model has an id, a name and limits above 0.",
    source: file("src/config/zod-schema.core.ts"),
  },
  "agent/coderclaw/config-api-names": {
    behaviour:
      "`api` is one of eight protocols; `auth` of a provider spells api-key, `mode` of a profile spells api_key.",
    source: file("src/config/zod-schema.core.ts, src/config/zod-schema.ts"),
  },
  "agent/coderclaw/config-default-model": {
    behaviour: "The default model is an object; an entry of the allowlist has alias, params and streaming only.",
    source: file("src/config/zod-schema.agent-defaults.ts"),
  },
  "agent/coderclaw/config-json5": {
    behaviour: "The configuration is JSON5: comments, trailing commas, single quotes and bare keys are read.",
    source: file("src/config/io.ts"),
  },
  "agent/coderclaw/config-defaults": {
    behaviour:
      "CoderClaw fills in missing model fields: no reasoning, text only, no cost, a window of 200000, 8192 output tokens at most.",
    source: file("src/config/defaults.ts"),
  },
  "agent/coderclaw/entries-complete": {
    behaviour: "A model entry that we write has every field, so that CoderClaw fills in none.",
    source: file("src/config/defaults.ts, src/config/types.models.ts"),
  },
  "agent/coderclaw/invented-windows": {
    behaviour: "Windows that CoderClaw's own setup invented (128000, 200000, 4096) are replaced by the server's.",
    source: file("src/commands/vllm-setup.ts, src/commands/onboard-custom.ts, src/agents/defaults.ts"),
  },
  "agent/coderclaw/variable-syntax": {
    behaviour:
      "${NAME} is a variable in upper case only, $${NAME} is literal text, and what was inserted is not read again.",
    source: file("src/config/env-substitution.ts"),
  },
  "agent/coderclaw/variable-missing": {
    behaviour:
      "One variable that is unset or empty makes CoderClaw ignore the whole file: each is named with its place.",
    source: file("src/config/env-substitution.ts, src/config/io.ts"),
  },
  "agent/coderclaw/variables-kept": {
    behaviour: "Every ${VAR} and other text with a dollar sign stays as it is written in the file.",
    source: file("src/config/io.ts"),
  },
  "agent/coderclaw/include-merge": {
    behaviour:
      "An $include merges objects and joins lists; it stays inside the configuration's folder, 10 levels deep, without cycles.",
    source: file("src/config/includes.ts"),
  },
  "agent/coderclaw/include-doubles-models": {
    behaviour: "A provider that comes from an $include is not written a second time: CoderClaw would join both lists.",
    source: file("src/config/includes.ts"),
  },
  "agent/coderclaw/invalid-config-untouched": {
    behaviour: "A configuration that is invalid is never overwritten; the error names its path and the cause.",
    source: file("src/config/io.ts, which replaces an invalid file as a whole"),
  },
  "agent/coderclaw/config-write": {
    behaviour:
      "A written configuration has mode 0600, a new folder 0700, and the previous content becomes one of five backups.",
    source: file("src/config/io.ts, src/config/backup-rotation.ts"),
  },
  "agent/coderclaw/unchanged-not-written": {
    behaviour: "A change that changes nothing is not written, and makes no backup.",
    source: file("src/config/io.ts, which writes and rotates the backups every time"),
  },
  "agent/coderclaw/user-values-kept": {
    behaviour: "What the user wrote stays: comments, values, unknown keys, models and headers of their own.",
    source: file("src/commands/vllm-setup.ts, which replaces the whole provider"),
  },
  "agent/coderclaw/other-settings-kept": {
    behaviour: 'Other providers, fallback models and `models.mode` stay; without a mode it becomes "merge".',
    source: file("src/commands/vllm-setup.ts, src/agents/models-config.ts"),
  },
  "agent/coderclaw/default-model-fallbacks": {
    behaviour: "A new default model becomes `primary` inside the object, and the fallbacks stay.",
    source: file("src/commands/auth-choice.apply.vllm.ts"),
  },
  "agent/coderclaw/allowlist": {
    behaviour:
      "A non-empty `agents.defaults.models` is an allowlist: models are added to one that exists, and never start one.",
    source: file("src/agents/model-selection.ts"),
  },
  "agent/coderclaw/model-ref": {
    behaviour:
      "A model ref is split at its first slash, so that a bare Hugging Face id names another provider; a word without a slash is an alias.",
    source: file("src/agents/model-selection.ts"),
  },
  "agent/coderclaw/model-alias": {
    behaviour: "A model id that /model cannot express gets an alias that it can, if there is an allowlist.",
    source: file("src/auto-reply/model.ts, src/agents/model-selection.ts"),
  },
  "agent/coderclaw/provider-id": {
    behaviour: "A provider id that CoderClaw rewrites (capitals, qwen, z-ai) is rejected, with a suggestion.",
    source: file("src/agents/model-selection.ts"),
  },
  "agent/coderclaw/provider-id-case": {
    behaviour: "CoderClaw takes vLLM and vllm for two providers: that is reported.",
    source: file("src/agents/models-config.providers.ts"),
  },
  "agent/coderclaw/further-servers": {
    behaviour: "A further server has a provider of its own, vllm-<name>, which CoderClaw leaves alone.",
    source: file("src/agents/models-config.ts"),
  },
} as const satisfies Record<string, Requirement>;
