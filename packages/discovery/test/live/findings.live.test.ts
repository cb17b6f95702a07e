/**
 * Findings that need a start of their own: about two minutes. `one-server.live.test.ts` has those that share a start.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isLabSupported, startLab } from "@vllm-tooling/vllm-lab";
import type { Lab, StartLabOptions } from "@vllm-tooling/vllm-lab";
import { describe, expect, test } from "vitest";
import parsers from "../parsers-0.32.0.json" with { type: "json" };
import type { DiscoverServerOptions, ServerReport } from "../../src/index.ts";
import { discoverServer, suggestServeCommand, toModelEntries } from "../../src/index.ts";

const isWanted = (process.env["VLLM_LIVE_BASE_URL"] ?? "") !== "" && (await isLabSupported()).supported;

/** As Gemma 1 and 2 do it. */
const NO_SYSTEM = `{% for message in messages %}{% if message['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}
<turn>{{ message['role'] }}: {{ message['content'] }}
{% endfor %}{% if add_generation_prompt %}<turn>model: {% endif %}`;

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

  test("a model that sees, a small window, no prefix cache, answers that end early, no system message, pages of one origin", async () => {
    const folder = await mkdtemp(join(tmpdir(), "no-system-"));
    const template = join(folder, "no-system.jinja");
    await writeFile(template, NO_SYSTEM);
    const small = ["--limit-mm-per-prompt", '{"image": 1}', "--no-enable-prefix-caching", "--max-model-len", "4096"];
    const limited = ["--override-generation-config", '{"max_new_tokens": 40}', "--chat-template", template];
    const origins = ["--allowed-origins", '["http://localhost:5173"]'];
    try {
      await withLab({ model: "tiny-v", flags: [...small, ...limited, ...origins] }, async (_lab, look) => {
        const report = await look();
        expect(report.models[0]).toMatchObject({
          imageInput: { status: "yes" },
          audioInput: { status: "no" },
          profile: {
            mediaLimits: { value: { image: 1, audio: 0, video: 0 } },
            maxOutputTokens: { value: 40 },
            history: { value: { firstSystem: "rejected" } },
          },
        });
        expect(codes(report)).toEqual(
          expect.arrayContaining([
            "WINDOW_TOO_SMALL",
            "PREFIX_CACHING_OFF",
            "OUTPUT_LIMITED",
            "FIRST_SYSTEM_MESSAGE_REJECTED",
          ]),
        );
        expect(report.findings.find(({ code }) => code === "BROWSERS_REFUSED")?.message).toMatch(
          /page at http:\/\/localhost may not .* Pages of another origin may, if --allowed-origins lists it/,
        );
        expect(toModelEntries(report.models)[0]?.maxTokens).toBe(40);
        const metrics = await (await fetch(`${report.serverRoot}/metrics`)).text();
        expect(/^vllm:generation_tokens_total\{.*\} (\S+)$/m.exec(metrics)?.[1]).toBe("0.0");
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
