import type { ModelProfile } from "@vllm/schema";
import { ConfigError, modelEntrySchema } from "@vllm/schema";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import {
  coderClawConfig,
  completeCoderClawModel,
  piModelsFile,
  openClawConfig,
  openClawModel,
} from "@vllm-tooling/agent-homes";
import type { JsonObject } from "../config-file/json-value.ts";
import { isSameValue } from "../config-file/json-value.ts";
import { BARE_PROMPT, SMALLEST_WINDOW } from "../findings/agent-windows.ts";
import type { AgentId } from "../agents/agent-location.ts";
import { applyEdits } from "./apply-edits.ts";
import { toHostModels } from "./host-model.ts";
import { canBeTyped, toAlias } from "./model-alias.ts";
import { planDefaultModel } from "./plan-default-model.ts";
import type { ProviderPlanInput } from "./plan-provider.ts";
import { planProvider } from "./plan-provider.ts";
import { parseProviderId } from "./provider-id.ts";

function profileOf(id: string, window = 131_072, more: Partial<ModelProfile> = {}): ModelProfile {
  return {
    id,
    contextWindow: { value: window, source: "server", evidence: "max_model_len of /v1/models" },
    input: { value: ["text"], source: "probed", evidence: "a picture was refused" },
    toolCalling: { value: "yes", source: "probed", evidence: "a call came back" },
    reasoning: { value: "no", source: "probed", evidence: "no thought in the prompt" },
    ...more,
  };
}

const qwen = profileOf("Qwen/Qwen3-8B", 40_960, {
  input: { value: ["text", "image", "audio"], source: "probed", evidence: "a picture was taken" },
  reasoning: { value: "yes", source: "probed", evidence: "the thought came in a field of its own" },
  thinking: {
    value: {
      default: "on",
      on: { chat_template_kwargs: { enable_thinking: true } },
      off: { chat_template_kwargs: { enable_thinking: false } },
    },
    source: "probed",
    evidence: "enable_thinking changes the prompt",
  },
  history: {
    value: {
      laterSystem: "kept",
      secondSystem: "kept",
      developerRole: "rejected",
      consecutiveUser: "kept",
      toolCallIds: "any",
      reasoningReplay: "all-turns",
      keepReasoningKwargs: { preserve_thinking: true },
    },
    source: "probed",
    evidence: "rendered prompts",
  },
});

type PlanInput = ProviderPlanInput & { config: JsonObject };

function plan(input: Partial<PlanInput>) {
  const config: JsonObject = input.config ?? {};
  const full: PlanInput = {
    config,
    agent: "coderclaw",
    providerId: "vllm",
    baseUrl: "http://127.0.0.1:8000/v1",
    apiKey: "VLLM_API_KEY",
    models: toHostModels([profileOf("a"), profileOf("b", 32_768)], input.agent ?? "coderclaw"),
    recorded: {},
    ...input,
  };
  const planned = planProvider(full);
  return { ...planned, after: applyEdits(config, planned.edits) };
}

const providerIn = (config: JsonObject, id = "vllm") =>
  (config["models"] as { providers: Record<string, { models: JsonObject[] } & JsonObject> }).providers[id];

describe("toHostModels", () => {
  verifies(
    ["agent/coderclaw/entries-complete", "agent/coderclaw/true-window", "agent/coderclaw/compat"],
    "an entry passes CoderClaw's schema and ours",
    () => {
      const [model] = toHostModels([qwen], "coderclaw");
      expect(model?.entry).toEqual({
        id: "Qwen/Qwen3-8B",
        name: "Qwen/Qwen3-8B",
        reasoning: true,
        input: ["text", "image"],
        cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
        contextWindow: 40_960,
        maxTokens: 10_240,
        compat: {
          supportsStore: false,
          supportsDeveloperRole: false,
          supportsStrictMode: false,
          supportsUsageInStreaming: true,
          supportsReasoningEffort: false,
          maxTokensField: "max_tokens",
        },
      });
      completeCoderClawModel.parse(model?.entry);
      modelEntrySchema.parse(model?.entry);
    },
  );

  verifies("agent/coderclaw/room-for-prompt", "whatever the window", () => {
    fc.assert(
      fc.property(fc.integer({ min: SMALLEST_WINDOW.coderclaw, max: 2 ** 21 }), fc.boolean(), (window, thinks) => {
        const reasoning = { value: thinks ? "yes" : "no", source: "probed", evidence: "seen" } as const;
        const [model] = toHostModels([profileOf("m", window, { reasoning })], "coderclaw");
        expect(window - Number(model?.entry["maxTokens"])).toBeGreaterThanOrEqual(BARE_PROMPT.coderclaw);
      }),
    );
  });

  verifies(
    ["agent/openclaw/rough-token-count", "agent/openclaw/pictures", "agent/openclaw/thinking-switch"],
    "a row has all three",
    () => {
      const [model] = toHostModels([qwen], "openclaw");
      expect(model?.entry).toMatchObject({
        input: ["text", "image", "audio"],
        contextWindow: 40_960,
        contextTokens: 36_864,
        params: { chat_template_kwargs: { preserve_thinking: true } },
        compat: { supportsStore: false, thinkingFormat: "qwen-chat-template" },
      });
      expect(model?.entry["compat"]).not.toHaveProperty("maxTokensField");
      openClawModel.parse(model?.entry);
    },
  );

  verifies(
    ["agent/coderclaw/developer-role", "agent/openclaw/developer-role"],
    "even where a template would keep it",
    () => {
      const keeps = profileOf("k", 32_768, {
        history: { ...qwen.history!, value: { ...qwen.history!.value, developerRole: "kept" } },
      });
      for (const agent of ["coderclaw", "openclaw"] as const)
        expect(toHostModels([keeps], agent)[0]?.entry["compat"]).toMatchObject({ supportsDeveloperRole: false });
    },
  );

  verifies("agent/openclaw/usage-in-streams", "asked for in the rows of both agents", () => {
    for (const agent of ["coderclaw", "openclaw"] as const)
      expect(toHostModels([qwen], agent)[0]?.entry["compat"]).toMatchObject({ supportsUsageInStreaming: true });
  });

  verifies(["agent/coderclaw/evidence-not-names", "agent/openclaw/evidence-not-names"], () => {
    const names = [profileOf("DeepSeek-R1-thinking-VL"), profileOf("plain")];
    for (const agent of ["coderclaw", "openclaw"] as const)
      for (const { entry } of toHostModels(names, agent))
        expect(entry).toMatchObject({ reasoning: false, input: ["text"] });
  });

  verifies("agent/coderclaw/compat", "effort only where the model was seen to accept it", () => {
    const efforts = { low: { reasoning_effort: "low" }, high: { reasoning_effort: "high" } };
    const takes = profileOf("gpt-oss", 131_072, {
      thinking: { value: { default: "on", efforts }, source: "probed", evidence: "seen" },
    });
    expect(toHostModels([takes], "coderclaw")[0]?.entry["compat"]).toMatchObject({ supportsReasoningEffort: true });
  });

  test("every field has a reason", () => {
    for (const agent of ["coderclaw", "openclaw"] as const) {
      const [model] = toHostModels([qwen], agent);
      const reasons = new Map(model?.reasons.map((reason) => [reason.field, reason]));
      expect(reasons.get("contextWindow")).toMatchObject({
        value: 40_960,
        source: "server",
        evidence: "max_model_len of /v1/models",
      });
      expect(reasons.get("maxTokens")?.source).toBe("assumed");
      for (const reason of reasons.values()) expect(reason.evidence).not.toBe("");
      const fields = Object.keys(model?.entry ?? {}).filter((field) => field !== "compat");
      expect([...reasons.keys()]).toEqual(expect.arrayContaining(fields));
    }
  });
});

describe("planProvider", () => {
  test("a new provider in an empty configuration", () => {
    const { after, added } = plan({});
    expect(added).toEqual(["a", "b"]);
    expect(after).toMatchObject({
      models: {
        mode: "merge",
        providers: { vllm: { baseUrl: "http://127.0.0.1:8000/v1", apiKey: "VLLM_API_KEY", api: "openai-completions" } },
      },
    });
    coderClawConfig.parse(after);
    piModelsFile.parse(after["models"]);
  });

  verifies("agent/coderclaw/other-settings-kept", () => {
    const config = {
      models: { mode: "replace", providers: { other: { baseUrl: "x", models: [] } } },
      agents: { defaults: { model: { primary: "other/x", fallbacks: ["other/y"] } } },
    };
    const { after } = plan({ config });
    expect(after).toMatchObject(config);
    expect(plan({ config: { models: {} } }).after).toMatchObject({ models: { mode: "merge" } });
  });

  verifies("agent/coderclaw/unchanged-not-written", "a second run plans no edit", () => {
    const { after } = plan({});
    expect(plan({ config: after }).edits).toEqual([]);
  });

  verifies("agent/coderclaw/user-values-kept", "values, unknown keys and models of their own", () => {
    const mine = {
      baseUrl: "http://127.0.0.1:8000/v1",
      headers: { "X-Team": "a" },
      future: 1,
      models: [
        { id: "mine", name: "Mine", contextWindow: 5 },
        {
          id: "a",
          name: "My name",
          cost: { input: 3 },
          headers: { h: "1" },
          contextWindow: 20_000,
          compat: { supportsStore: true },
          unknown: true,
        },
      ],
    };
    const { after, kept, notServed, added } = plan({ config: { models: { providers: { vllm: mine } } } });
    const provider = providerIn(after);
    expect(provider).toMatchObject({ headers: { "X-Team": "a" }, future: 1, apiKey: "VLLM_API_KEY" });
    expect(provider?.models[0]).toEqual(mine.models[0]);
    expect(provider?.models[1]).toMatchObject({ ...mine.models[1], reasoning: false, maxTokens: 8192 });
    expect(provider?.models[1]?.["compat"]).toMatchObject({ supportsStore: true, maxTokensField: "max_tokens" });
    expect(provider?.models[2]).toMatchObject({ id: "b" });
    expect(kept).toEqual([
      { model: "a", field: "contextWindow", kept: 20_000, found: 131_072 },
      { model: "a", field: "compat.supportsStore", kept: true, found: false },
    ]);
    expect(notServed).toEqual(["mine"]);
    expect(added).toEqual(["b"]);
  });

  verifies("agent/coderclaw/invented-windows", () => {
    for (const guess of [128_000, 200_000, 4096]) {
      const models = [{ id: "a", name: "a", reasoning: false, input: ["text"], contextWindow: guess, maxTokens: 4096 }];
      const { after, updated } = plan({ config: { models: { providers: { vllm: { baseUrl: "x", models } } } } });
      expect(providerIn(after)?.models[0]).toMatchObject({ contextWindow: 131_072, maxTokens: 8192 });
      expect(updated).toEqual(["a"]);
    }
  });

  test.each([20_000, 16_384, 6000, 1000])(
    "a window of %i that the user chose bounds what is written beside it",
    (contextWindow) => {
      const models = [{ id: "a", name: "A", contextWindow, compat: {} }];
      const { after } = plan({
        agent: "openclaw",
        config: { models: { providers: { vllm: { baseUrl: "x", models } } } },
      });
      const model = providerIn(after)?.models[0] ?? {};
      expect(model["contextWindow"]).toBe(contextWindow);
      expect(model["contextTokens"]).toBe(Math.floor(contextWindow * 0.9));
      expect(model["maxTokens"]).toBe(Math.min(8192, contextWindow / 2));
    },
  );

  test("what this package wrote follows the server; what the user changed since does not", () => {
    const { after } = plan({});
    const [a = {}, b = {}] = providerIn(after)?.models ?? [];
    const recorded = { a, b };
    const config = applyEdits(after, [
      { path: ["models", "providers", "vllm", "models", 1, "contextWindow"], value: 16_000 },
    ]);
    const models = toHostModels([profileOf("a", 262_144), profileOf("b", 65_536)], "coderclaw");
    const next = plan({ config, models, recorded });
    expect(providerIn(next.after)?.models).toMatchObject([{ contextWindow: 262_144 }, { contextWindow: 16_000 }]);
    expect(next.kept).toEqual([{ model: "b", field: "contextWindow", kept: 16_000, found: 65_536 }]);
  });

  verifies(
    "agent/coderclaw/invented-windows",
    "also those of a wizard that ran after us, but not the user's choice in our entry",
    () => {
      const ours = providerIn(plan({}).after)?.models[0] ?? {};
      const guessed = {
        id: "a",
        name: "a",
        reasoning: false,
        input: ["text"],
        contextWindow: 128_000,
        maxTokens: 8192,
      };
      const after = (entry: JsonObject) => {
        const config = { models: { providers: { vllm: { baseUrl: "x", models: [entry] } } } };
        return providerIn(plan({ config, recorded: { a: ours } }).after)?.models[0]?.["contextWindow"];
      };
      expect(after(guessed)).toBe(131_072);
      expect(after({ ...ours, contextWindow: 128_000 })).toBe(128_000);
    },
  );

  verifies("agent/coderclaw/discovered-ids", "an id that is configured is not added again", () => {
    const { after } = plan({});
    const again = plan({
      config: after,
      models: toHostModels([profileOf("b"), profileOf("a"), profileOf("c")], "coderclaw"),
    });
    expect(providerIn(again.after)?.models.map((model) => model["id"])).toEqual(["a", "b", "c"]);
  });

  verifies("agent/coderclaw/further-servers", () => {
    const { after } = plan({});
    const second = plan({ config: after, providerId: "vllm-gpu1", baseUrl: "http://gpu1:8000/v1" });
    expect(Object.keys((second.after["models"] as { providers: object }).providers)).toEqual(["vllm", "vllm-gpu1"]);
    expect(providerIn(second.after)).toEqual(providerIn(after));
  });

  verifies(["agent/openclaw/keyless", "agent/openclaw/idle-timeout"], "rows and no apiKey", () => {
    const { after } = plan({ agent: "openclaw", apiKey: undefined });
    const provider = providerIn(after);
    expect(provider).not.toHaveProperty("apiKey");
    expect(provider?.["timeoutSeconds"]).toBe(300);
    expect(provider?.models).toHaveLength(2);
    openClawConfig.parse(after);
  });

  verifies("agent/openclaw/idle-timeout", "the limit that the user set stays", () => {
    const config = { models: { providers: { vllm: { baseUrl: "x", timeoutSeconds: 900, models: [] } } } };
    expect(providerIn(plan({ agent: "openclaw", config }).after)?.["timeoutSeconds"]).toBe(900);
  });

  test("whatever the configuration and the server: both agents take the result, ids are unique, a second run is quiet", () => {
    const entry = fc.record(
      {
        id: fc.constantFrom("a", "b", "mine"),
        name: fc.constantFrom("n", "My model"),
        contextWindow: fc.constantFrom(4096, 128_000, 20_000),
        maxTokens: fc.constantFrom(1, 8192),
        reasoning: fc.boolean(),
        compat: fc.constantFrom({}, { supportsStore: true }),
      },
      { requiredKeys: ["id", "name"] },
    );
    const entries = fc.uniqueArray(entry, { selector: (model) => model.id, maxLength: 3 });
    const config = fc.oneof(
      fc.constant({}),
      entries.map((models) => ({ models: { providers: { vllm: { baseUrl: "http://old/v1", models } } } })),
    );
    const served = fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c/d"), fc.integer({ min: 1, max: 10 ** 6 })), {
      selector: ([id]) => id,
    });
    const agent = fc.constantFrom<AgentId>("coderclaw", "openclaw");
    fc.assert(
      fc.property(config, served, agent, (before, listed, target) => {
        const models = toHostModels(
          listed.map(([id, window]) => profileOf(id, window)),
          target,
        );
        const first = plan({ config: before as JsonObject, models, agent: target });
        (target === "coderclaw" ? coderClawConfig : openClawConfig).parse(first.after);
        const ids = providerIn(first.after)?.models.map((model) => model["id"]) ?? [];
        expect(new Set(ids).size).toBe(ids.length);
        expect(isSameValue(plan({ config: first.after, models, agent: target }).after, first.after)).toBe(true);
      }),
    );
  });
});

const set = (config: JsonObject, modelId = "Qwen/Qwen3-8B", agent: AgentId = "coderclaw") => {
  const planned = planDefaultModel(config, agent, { providerId: "vllm", modelId });
  return { ...planned, after: applyEdits(config, planned.edits) };
};

const policy = (...allow: string[]) => ({ agents: { defaults: { modelPolicy: { allow } } } });

describe("planDefaultModel", () => {
  verifies(["agent/coderclaw/default-model-fallbacks", "agent/coderclaw/config-default-model"], () => {
    const config = { agents: { defaults: { model: { primary: "x/y", fallbacks: ["z/w"] } } } };
    const { after, modelRef, previous } = set(config);
    expect(after).toEqual({ agents: { defaults: { model: { primary: "vllm/Qwen/Qwen3-8B", fallbacks: ["z/w"] } } } });
    expect([modelRef, previous]).toEqual(["vllm/Qwen/Qwen3-8B", "x/y"]);
    coderClawConfig.parse(set({}).after);
  });

  test("OpenClaw's short form stays short", () => {
    const config = { agents: { defaults: { model: "x/y" } } };
    expect(set(config, "m", "openclaw").after).toEqual({ agents: { defaults: { model: "vllm/m" } } });
  });

  verifies("agent/coderclaw/allowlist", () => {
    expect(set({}).after).toEqual({ agents: { defaults: { model: { primary: "vllm/Qwen/Qwen3-8B" } } } });
    const config = { agents: { defaults: { models: { "openai/g": { alias: "g" } } } } };
    expect(set(config).after).toMatchObject({
      agents: { defaults: { models: { "openai/g": { alias: "g" }, "vllm/Qwen/Qwen3-8B": {} } } },
    });
    coderClawConfig.parse(set(config).after);
  });

  verifies("agent/coderclaw/model-alias", "and a note where there is no allowlist", () => {
    const config = { agents: { defaults: { models: { "openai/g": { alias: "My-Model" } } } } };
    const { after, notes } = set(config, "@org/My Model");
    expect(after).toMatchObject({
      agents: { defaults: { models: { "vllm/@org/My Model": { alias: "My-Model-2" } } } },
    });
    expect(notes).toEqual(["A chat's /model cannot spell @org/My Model, so it has the alias My-Model-2."]);
    coderClawConfig.parse(after);
    const without = set({}, "/data/m");
    expect(without.after).not.toHaveProperty("agents.defaults.models");
    expect(without.notes[0]).toContain("--served-model-name");
  });

  test("OpenClaw's policy is extended when it would forbid the model", () => {
    expect(set(policy("openai/*"), "a/b", "openclaw").after).toMatchObject(policy("openai/*", "vllm/a/b"));
    for (const allow of ["vllm/*", "vllm/a/*", "vllm/a/b"])
      expect(set(policy(allow), "a/b", "openclaw").after).toMatchObject(policy(allow));
    expect(set(policy(), "a/b", "openclaw").after).toMatchObject(policy());
  });

  test("setting the same default again changes nothing", () => {
    const { after } = set({ agents: { defaults: { models: { a: {} } } } });
    expect(set(after).edits).toEqual([]);
  });
});

describe("model ids and aliases", () => {
  verifies.each(
    "agent/coderclaw/model-alias",
    [
      ["Qwen/Qwen3-8B", true],
      ["a:b.c_d-e", true],
      ["/data/m", false],
      ["a//b", false],
      ["a+b", false],
      ["a b", false],
      ["a@b", false],
    ],
    ([id, expected]) => {
      expect(canBeTyped(id)).toBe(expected);
    },
  );

  verifies("agent/coderclaw/model-alias", "an alias is always accepted and never taken", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "binary" }), (id) => {
        const alias = toAlias(id);
        expect(alias).toMatch(/^[A-Za-z0-9_.:-]+$/);
        expect(toAlias(id, [alias.toUpperCase()])).not.toBe(alias);
      }),
    );
  });
});

describe("parseProviderId", () => {
  verifies.each("agent/coderclaw/provider-id", ["vllm", "vllm-gpu0", "vllm-a.b_c"], (id) => {
    expect(parseProviderId(` ${id} `)).toBe(id);
  });

  verifies.each(
    "agent/coderclaw/provider-id",
    [
      ["qwen", "vllm-qwen"],
      ["VLLM", "vllm"],
      ["GPU 0", "vllm-gpu-0"],
      ["", "vllm-name"],
      ["vllm-", "vllm"],
    ],
    ([id, suggestion]) => {
      expect(() => parseProviderId(id)).toThrow(ConfigError);
      try {
        parseProviderId(id);
      } catch (error) {
        expect((error as ConfigError).hint).toContain(`"${suggestion}"`);
      }
    },
  );
});
