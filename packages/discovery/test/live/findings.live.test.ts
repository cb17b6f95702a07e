/**
 * Findings that need a start of their own: about two minutes. `one-server.live.test.ts` has those that share a start.
 */
import { isLabSupported, startLab } from "@vllm-tooling/vllm-lab";
import type { Lab, StartLabOptions } from "@vllm-tooling/vllm-lab";
import { describe, expect, test } from "vitest";
import parsers from "../parsers-0.32.0.json" with { type: "json" };
import type { DiscoverServerOptions, ServerReport } from "../../src/index.ts";
import { discoverServer, suggestServeCommand } from "../../src/index.ts";

const isWanted = (process.env["VLLM_LIVE_BASE_URL"] ?? "") !== "" && (await isLabSupported()).supported;

async function withLab(
  options: StartLabOptions,
  use: (lab: Lab, look: (more?: Partial<DiscoverServerOptions>) => Promise<ServerReport>) => Promise<void>,
): Promise<void> {
  const lab = await startLab(options);
  try {
    await use(lab, (more) => discoverServer({ baseUrl: lab.baseUrl, timeoutMs: 20_000, ...more }));
  } finally {
    await lab.stop();
  }
}

const codes = (report: ServerReport) => report.findings.map(({ code }) => code);

/** The names that vLLM prints when it is started with one it does not know. */
async function namesFromRefusal(flag: string): Promise<string[]> {
  let log = "";
  await expect(startLab({ flags: [flag, "no-such-parser"], onLog: (text) => (log += text) })).rejects.toThrow(
    /no-such-parser/,
  );
  const list = /(?:chose from \{|Available parsers:) ?([\w, -]+)/.exec(log)?.[1] ?? "";
  return list
    .split(",")
    .map((name) => name.trim())
    .toSorted();
}

describe.runIf(isWanted)("parser names", { timeout: 300_000 }, () => {
  test("the recorded registry is the installed vLLM's", async () => {
    expect(await namesFromRefusal("--tool-call-parser")).toEqual(parsers.toolParsers.toSorted());
    expect(await namesFromRefusal("--reasoning-parser")).toEqual(parsers.reasoningParsers.toSorted());
  });
});

describe.runIf(isWanted)("findings on real servers", { timeout: 300_000 }, () => {
  test("the wrong parser", () =>
    withLab({ script: "hermes-think", flags: ["--tool-call-parser", "qwen3_coder"] }, async (_lab, look) => {
      const report = await look({ probe: "active" });
      expect(report.findings).toContainEqual(
        expect.objectContaining({
          code: "TOOL_PARSER_WRONG",
          fix: "Start the server with --tool-call-parser hermes instead.",
        }),
      );
      expect(suggestServeCommand(report)?.changes[0]).toMatch(/^change it to --tool-call-parser hermes /);
    }));

  test("a model that sees, a small window, no prefix cache", () =>
    withLab(
      {
        model: "tiny-v",
        flags: ["--limit-mm-per-prompt", '{"image": 1}', "--no-enable-prefix-caching", "--max-model-len", "4096"],
      },
      async (_lab, look) => {
        const report = await look();
        expect(report.models[0]).toMatchObject({
          imageInput: { status: "yes" },
          audioInput: { status: "no" },
          profile: { mediaLimits: { value: { image: 1, audio: 0, video: 0 } } },
        });
        expect(codes(report)).toEqual(expect.arrayContaining(["WINDOW_TOO_SMALL", "PREFIX_CACHING_OFF"]));
      },
    ));
});
