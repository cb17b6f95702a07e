import type { ModelProfile } from "@vllm/schema";
import { VllmError } from "@vllm/schema";
import { describe, expect, test } from "vitest";
import { chooseModel } from "./choose-model.ts";
import { toConfigProfile } from "./to-config-profile.ts";

const models = ["Qwen/Qwen3-8B", "qwen3-coder", "llama-3"].map((id): ModelProfile => toConfigProfile({ id, name: id }));
const choose = (options: Partial<Parameters<typeof chooseModel>[1]>, list = models) => {
  const { profile, reason } = chooseModel(list, { providerId: "vllm", ...options });
  return [profile.id, reason];
};
const failure = (options: Partial<Parameters<typeof chooseModel>[1]>, list = models): VllmError => {
  try {
    choose(options, list);
  } catch (error) {
    if (error instanceof VllmError) return error;
  }
  return expect.unreachable();
};

describe("chooseModel", () => {
  test("--model, as the server spells it or with the provider in front", () => {
    expect(choose({ wanted: "llama-3" })).toEqual(["llama-3", "named with --model"]);
    expect(choose({ wanted: "Qwen/Qwen3-8B" })).toEqual(["Qwen/Qwen3-8B", "named with --model"]);
    expect(choose({ wanted: "vllm/Qwen/Qwen3-8B" })).toEqual(["Qwen/Qwen3-8B", "named with --model"]);
    expect(choose({ wanted: "llama-3", primary: { provider: "vllm", modelId: "qwen3-coder" } })[0]).toBe("llama-3");
  });

  test("the config's primary model", () => {
    expect(choose({ primary: { provider: "vllm", modelId: "qwen3-coder" } })).toEqual([
      "qwen3-coder",
      "agents.defaults.model.primary of the config",
    ]);
  });

  test("else the first, and why", () => {
    expect(choose({})).toEqual(["Qwen/Qwen3-8B", "chosen among several; choose another with --model"]);
    expect(choose({}, models.slice(2))).toEqual(["llama-3", "the only model here"]);
    expect(choose({ primary: { provider: "anthropic", modelId: "claude" } }, models.slice(2))).toEqual([
      "llama-3",
      "the only model here, since the config's primary model is one of anthropic",
    ]);
  });

  test("a wrong id is answered with those that exist, and the nearest", () => {
    const error = failure({ wanted: "qwen3-codr" });
    expect(error.code).toBe("MODEL_NOT_FOUND");
    expect(error.message).toBe(
      'The model "qwen3-codr" is not served here. Served: Qwen/Qwen3-8B, qwen3-coder, llama-3.',
    );
    expect(error.hint).toBe('Did you mean "qwen3-coder"?');
    expect(error.availableModels).toEqual(["Qwen/Qwen3-8B", "qwen3-coder", "llama-3"]);
  });

  test("an id that is like none", () => {
    const error = failure({ primary: { provider: "vllm", modelId: "zzzzzzzzzzzzzzz" } });
    expect(error.message).toContain("Served: Qwen/Qwen3-8B, qwen3-coder, llama-3.");
    expect(error.hint).toBe("Use one of the served ids exactly as they are spelled.");
  });

  test("no model at all", () => {
    expect(failure({}, []).message).toBe("The server serves no model that chats.");
    expect(failure({ wanted: "x" }, []).message).toBe(
      'The model "x" is not served here. The server lists no model at all.',
    );
  });
});
