import type { Requirement } from "./requirement.ts";

const file = (paths: string) => `CoderClaw main of 2026-05-05 (782ea2b): ${paths}`;

/** Rules of CoderClaw for keys, for finding models, for windows, and for plugins. */
export const agentCoderClaw = {
  "agent/coderclaw/key-not-in-config": {
    behaviour: "A key is never written into the configuration: the name of its variable is, or a reference.",
    source: file("src/agents/models-config.providers.ts, which copies a literal key to models.json"),
  },
  "agent/coderclaw/key-order": {
    behaviour:
      "A request uses the stored profile, then VLLM_API_KEY, then the configured text; discovery asks the variable first.",
    source: file("src/agents/model-auth.ts, src/agents/models-config.providers.ts"),
  },
  "agent/coderclaw/profile-order": {
    behaviour:
      "Of several profiles the first usable one counts: by the store's order, the configuration's, then tokens before keys and the least used.",
    source: file("src/agents/auth-profiles/order.ts"),
  },
  "agent/coderclaw/profile-file": {
    behaviour: "auth-profiles.json gets CoderClaw's shape and mode 0600, and everything else in it stays.",
    source: file("src/agents/auth-profiles/store.ts, src/infra/json-file.ts"),
  },
  "agent/coderclaw/profile-lock": {
    behaviour:
      "A profile is written under CoderClaw's own lock file only; a lock is stale after 30 s or without its process.",
    source: file("src/plugin-sdk/file-lock.ts, src/agents/auth-profiles/constants.ts"),
  },
  "agent/coderclaw/keyless-placeholder": {
    behaviour:
      "CoderClaw refuses to run without a key: a keyless server gets CoderClaw's placeholder, and an empty key is rejected.",
    source: file("src/agents/model-auth.ts, src/commands/auth-choice.apply.local.ts"),
  },
  "agent/coderclaw/key-executed": {
    behaviour:
      'A key or header that starts with "!" would be run as a shell command: it is rejected or reported, never repeated.',
    source: file("@mariozechner/pi-coding-agent 0.54.0, core/resolve-config-value.js"),
  },
  "agent/coderclaw/key-is-variable-name": {
    behaviour:
      "A key or header that is the name of a variable is replaced by its value, or sent as that name: it is reported.",
    source: file("@mariozechner/pi-coding-agent 0.54.0, core/resolve-config-value.js; src/agents/model-auth.ts"),
  },
  "agent/coderclaw/key-cooldown": {
    behaviour:
      "CoderClaw puts a key on cooldown after failed requests, even if the server was the cause: its end is reported.",
    source: file("src/agents/auth-profiles/usage.ts"),
  },
  "agent/coderclaw/discovery-request": {
    behaviour:
      "Discovery requests /models below the trimmed address, with an Authorization header only if there is a key, for 5 s.",
    source: file("src/agents/models-config.providers.ts"),
  },
  "agent/coderclaw/discovery-opt-in": {
    behaviour: "Without a key in VLLM_API_KEY or a profile, no server is contacted.",
    source: file("src/agents/models-config.providers.ts"),
  },
  "agent/coderclaw/explicit-provider": {
    behaviour: "A configured models.providers.vllm switches discovery off.",
    source: file("src/agents/models-config.providers.ts"),
  },
  "agent/coderclaw/discovered-ids": {
    behaviour: "Served ids are trimmed, blank ones dropped, and each is listed once, in the server's order.",
    source: file("src/agents/models-config.providers.ts, which keeps duplicates"),
  },
  "agent/coderclaw/discovery-failures": {
    behaviour:
      "Each failure has its own message; the drop-in functions return no models and one warning, and never throw.",
    source: file("src/agents/models-config.providers.ts"),
  },
  "agent/coderclaw/last-good-models": {
    behaviour: "A failed refresh keeps the models that were known.",
    source: file("src/agents/models-config.ts, which erases them"),
  },
  "agent/coderclaw/discovery-cache": {
    behaviour: "Callers share one probe until it expires or is forced, and no timer keeps the process alive.",
    source: file("src/agents/context.ts, src/agents/pi-embedded-runner/run.ts, which ask before every run"),
  },
  "agent/coderclaw/discovery-off-in-tests": {
    behaviour: "The drop-in functions contact no server in a test run (VITEST, NODE_ENV=test).",
    source: file("src/agents/models-config.providers.ts"),
  },
  "agent/coderclaw/base-url-v1": {
    behaviour: "A missing /v1 of the address is added or reported, and never doubled: CoderClaw does not add one.",
    source: file("@mariozechner/pi-ai 0.54.0, providers/openai-completions.js"),
  },
  "agent/coderclaw/true-window": {
    behaviour:
      "The window is the server's max_model_len; CoderClaw's 128000 is taken only where the server names none.",
    source: file("src/agents/models-config.providers.ts, which ignores max_model_len"),
  },
  "agent/coderclaw/room-for-prompt": {
    behaviour:
      "The output limit leaves room for the 12000 tokens of CoderClaw's own prompt; a window without that room is reported.",
    source: file("src/agents/system-prompt.ts, src/agents/pi-tools.ts, counted in a run"),
  },
  "agent/coderclaw/smallest-window": {
    behaviour:
      "CoderClaw refuses to run below 16000 tokens, and compacts 20000 tokens before the end of a window: both are reported.",
    source: file("src/agents/context-window-guard.ts, src/agents/pi-settings.ts"),
  },
  "agent/coderclaw/window-too-large": {
    behaviour: "CoderClaw plans with the configured window: one that is larger than the server's is reported.",
    source: file("src/agents/context-window-guard.ts"),
  },
  "agent/coderclaw/empty-model-list": {
    behaviour: "An empty list of models makes CoderClaw invent a model of 200000 tokens for any id: that is reported.",
    source: file("src/agents/pi-embedded-runner/model.ts"),
  },
  "agent/coderclaw/evidence-not-names": {
    behaviour: "Reasoning and pictures come from evidence, and not from the name of the model.",
    source: file("src/agents/models-config.providers.ts, which guesses reasoning from the id"),
  },
  "agent/coderclaw/compat": {
    behaviour:
      "`compat` makes CoderClaw send what vLLM knows: no store, no strict, max_tokens, effort only where it is accepted.",
    source: file("@mariozechner/pi-ai 0.54.0, providers/openai-completions.js"),
  },
  "agent/coderclaw/developer-role": {
    behaviour: "The system prompt never has the role developer, which CoderClaw gives it for reasoning models.",
    source: file("@mariozechner/pi-ai 0.54.0, providers/openai-completions.js"),
  },
  "agent/coderclaw/proxy-for-local-server": {
    behaviour: "CoderClaw sends requests to a local server through the proxy of the environment: that is reported.",
    source: file("@mariozechner/pi-ai 0.54.0, utils/http-proxy.js"),
  },
  "agent/coderclaw/models-json-valid": {
    behaviour:
      "One invalid provider makes pi drop all custom models: what is written is valid, an invalid file is left alone.",
    source: file("@mariozechner/pi-coding-agent 0.54.0, core/model-registry.js"),
  },
  "agent/coderclaw/models-json-kept": {
    behaviour:
      "models.json has mode 0600, keeps other providers and unknown keys, and is written only to change something.",
    source: file("src/agents/models-config.ts"),
  },
  "agent/coderclaw/models-json-leftovers": {
    behaviour: "models.json keeps a provider that nobody configures any more: that is reported.",
    source: file("src/agents/models-config.ts"),
  },
  "agent/coderclaw/refresh-before-run": {
    behaviour:
      "The refresh before a run is limited in time, never throws, and contacts no server unless the user opted in.",
    source: file("src/agents/pi-embedded-runner/run.ts, src/plugins/hooks.ts"),
  },
  "agent/coderclaw/plugin-manifest": {
    behaviour: "The package has CoderClaw's manifest and entry, and its id is the unscoped name of the package.",
    source: file("src/plugins/manifest.ts, src/plugins/install.ts"),
  },
  "agent/coderclaw/plugin-missing": {
    behaviour: "A configuration that names a plugin which is not installed is invalid as a whole: that is reported.",
    source: file("src/config/validation.ts"),
  },
  "agent/coderclaw/plugin-register": {
    behaviour: "The plugin registers at once, synchronously, and never throws.",
    source: file("src/plugins/loader.ts"),
  },
  "agent/coderclaw/plugin-bundle": {
    behaviour: "The built plugin imports nothing but its own files and Node's modules.",
    source: file("src/plugins/loader.ts, src/plugins/install.ts"),
  },
  "agent/coderclaw/plugin-provider": {
    behaviour: "The provider is vllm and has only what CoderClaw reads: id, label, docsPath, aliases and auth.",
    source: file("src/plugins/types.ts, src/commands/models/auth.ts"),
  },
  "agent/coderclaw/login-patch": {
    behaviour:
      "The patch of `models auth login` carries the whole provider, since CoderClaw replaces lists; it is valid, without nulls or keys.",
    source: file("src/commands/models/auth.ts"),
  },
  "agent/coderclaw/onboarding-prompts": {
    behaviour: "The wizard asks for address, key and model in this order, and returns config, modelId and modelRef.",
    source: file("src/commands/vllm-setup.ts"),
  },
  "agent/coderclaw/node-version": {
    behaviour: "The package and its dependencies run on Node 22.12 as ES modules.",
    source: file("package.json"),
  },
} as const satisfies Record<string, Requirement>;
