import { describe, expect, it } from "vitest";

import {
  findFlagValue,
  hasFlag,
  type ServeCommandOptions,
  toServeArguments,
  toServeEnvironment,
} from "./to-serve-command.ts";
import { toShownCommand } from "./to-shown-command.ts";

const serve = (options: Partial<ServeCommandOptions> = {}) =>
  toServeArguments({ model: "tiny-r", port: 8000, flags: [], withoutParsers: false, withLora: false, ...options }).join(
    " ",
  );

describe("toServeArguments", () => {
  it("serves the thinking model with both parsers by default", () => {
    expect(serve()).toBe(
      "serve lab/tiny-r --port 8000 --host 127.0.0.1 --served-model-name lab/tiny --max-model-len 32768 --max-num-seqs 8" +
        " --load-format dummy --enforce-eager --logits-processors scripted:Scripted" +
        " --enable-auto-tool-choice --tool-call-parser hermes --reasoning-parser qwen3",
    );
  });

  it("asks for no reasoning parser where the model does not think", () => {
    expect(serve({ model: "tiny" })).not.toContain("--reasoning-parser");
    expect(serve({ model: "tiny-v" })).toContain("--tool-call-parser hermes");
  });

  it("scripts no model that answers with vectors: vLLM would not start", () => {
    expect(serve({ flags: ["--runner", "pooling"] })).not.toContain("--logits-processors");
  });

  it("leaves the parsers out when told to, but for those that were asked for", () => {
    expect(serve({ withoutParsers: true })).not.toMatch(/parser|tool-choice/);
    expect(serve({ withoutParsers: true, flags: ["--reasoning-parser", "qwen3"] })).toMatch(
      /Scripted --reasoning-parser qwen3$/,
    );
  });

  it.each([
    [["--tool-call-parser", "qwen3_coder"], "--tool-call-parser hermes"],
    [["--reasoning-parser=deepseek_r1"], "--reasoning-parser qwen3"],
    [["--max_model_len", "4096"], "--max-model-len 32768"],
    [["--served-model-name", "a", "b"], "--served-model-name lab/tiny"],
    [["--no-enable-auto-tool-choice"], "--enable-auto-tool-choice --"],
    [["--no-enforce-eager"], "--enforce-eager --logits"],
    [["--host", "0.0.0.0"], "--host 127.0.0.1"],
  ])("lets %j win", (flags, replaced) => {
    const command = serve({ flags });
    expect(command).not.toContain(replaced);
    expect(command.endsWith(flags.join(" "))).toBe(true);
  });

  it("serves the adapter by a relative path", () => {
    expect(serve({ withLora: true })).toContain("--enable-lora --max-lora-rank 8 --lora-modules my-lora=./lab/my-lora");
  });
});

describe("hasFlag", () => {
  it.each([
    [["--port"], true],
    [["--port=1"], true],
    [["--no-port"], true],
    [["--ports", "1"], false],
    [["port"], false],
    [["--x", "--port"], true],
    [[], false],
  ])("%j: %s", (flags, expected) => {
    expect(hasFlag(flags, "--port")).toBe(expected);
  });
});

describe("findFlagValue", () => {
  it.each([
    [["--tool-call-parser", "a"], "a"],
    [["--tool-call-parser=a"], "a"],
    [["--tool_call_parser", "a"], "a"],
    [["--x", "y", "--tool-call-parser=a=b"], "a=b"],
    [["--tool-call-parser"], undefined],
    [["--x"], undefined],
  ])("%j: %s", (flags, expected) => {
    expect(findFlagValue(flags, "--tool-call-parser")).toBe(expected);
  });
});

describe("toServeEnvironment", () => {
  it("keeps the key out of the arguments, which vLLM logs", () => {
    const environment = toServeEnvironment({ scriptFile: "/s.json", pythonFolder: "/p", apiKey: "sk-1" });
    expect(environment).toMatchObject({ LAB_SCRIPT: "/s.json", PYTHONPATH: "/p", VLLM_API_KEY: "sk-1" });
  });

  it("asks for no key by default, and never for the network", () => {
    const environment = toServeEnvironment({ scriptFile: "/s.json", pythonFolder: "/p" });
    expect(environment).not.toHaveProperty("VLLM_API_KEY");
    expect(environment).toMatchObject({ HF_HUB_OFFLINE: "1", VLLM_NO_USAGE_STATS: "1" });
  });
});

describe("toShownCommand", () => {
  it("can be typed into a shell", () => {
    expect(toShownCommand("vllm", ["serve", "lab/tiny", "--limit", '{"image": 1}', "it's"])).toBe(
      `vllm serve lab/tiny --limit '{"image": 1}' 'it'\\''s'`,
    );
  });
});
