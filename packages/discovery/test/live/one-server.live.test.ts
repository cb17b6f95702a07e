/**
 * As many findings as one start of a real server can provoke, in the order of its life: refused while it loads, guarded, badly set up, paused,
 * asleep, dead. The others need a start each: `findings.live.test.ts`.
 */
import { findFreePort, isLabSupported, startLab } from "@vllm-tooling/vllm-lab";
import type { Lab } from "@vllm-tooling/vllm-lab";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DiscoverServerOptions, ServerReport } from "../../src/index.ts";
import { createDiscoveryCache, discoverServer, suggestServeCommand, waitUntilReady } from "../../src/index.ts";

const isWanted = (process.env["VLLM_LIVE_BASE_URL"] ?? "") !== "" && (await isLabSupported()).supported;
const apiKey = "sk-lab";
const codes = (report: ServerReport) => report.findings.map(({ code }) => code);

describe.runIf(isWanted)("one badly set up server, from its start to its end", { timeout: 60_000 }, async () => {
  // It has to be known before the server is ready.
  const port = await findFreePort();
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  const look = (more?: Partial<DiscoverServerOptions>) =>
    discoverServer({ baseUrl, apiKey, timeoutMs: 20_000, ...more });
  const post = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST" })).status;
  const states = new Set<string>();
  let lab: Lab | undefined;

  beforeAll(async () => {
    const starting = startLab({
      port,
      apiKey,
      withoutParsers: true,
      lora: true,
      env: { VLLM_SERVER_DEV_MODE: "1" },
      flags: ["--served-model-name", "tiny", "tiny-alias", "--max-model-len", "4096", "--no-enable-prefix-caching"],
    });
    const ready = waitUntilReady({ baseUrl, apiKey, onProgress: ({ state }) => states.add(state) });
    lab = await starting;
    expect((await ready).state).toBe("ready");
  });
  afterAll(() => lab?.stop());

  test("while it loaded, it refused connections", () => {
    expect([...states]).toEqual(["unreachable"]);
  });

  test("the key: missing, wrong, right; and what it does not guard", async () => {
    // The third: what /metrics says without the key.
    expect(codes(await look({ apiKey: undefined }))).toEqual(["KEY_MISSING", "OPEN_WITHOUT_KEY", "PREFIX_CACHING_OFF"]);
    expect(codes(await look({ apiKey: "sk-wrong" }))).toEqual(["KEY_WRONG", "OPEN_WITHOUT_KEY", "PREFIX_CACHING_OFF"]);
    const report = await look({ probe: "list" });
    expect(report).toMatchObject({ state: "ready", capabilities: { apiKey: { status: "yes" } } });
    expect(codes(report)).toContain("OPEN_WITHOUT_KEY");
  });

  test("two names, an adapter, a small window, no prefix cache, no parsers", async () => {
    const report = await look({ probe: "active" });
    expect(report.models.map(({ id, parent, aliases, contextWindow }) => [id, parent, aliases, contextWindow])).toEqual(
      [
        ["tiny", undefined, ["tiny-alias"], 4096],
        ["tiny-alias", undefined, ["tiny"], 4096],
        ["my-lora", "tiny", [], 4096],
      ],
    );
    const found = codes(report);
    expect(found).toEqual(
      expect.arrayContaining([
        "TOOL_PARSER_MISSING",
        "REASONING_PARSER_MISSING",
        "WINDOW_TOO_SMALL",
        "PREFIX_CACHING_OFF",
        "SYSTEM_MESSAGES_REJECTED",
        "MODEL_ALIAS",
        "BROWSERS_REFUSED",
      ]),
    );
    expect(found.filter((code) => code === "SYSTEM_MESSAGES_REJECTED")).toHaveLength(1);
    expect(suggestServeCommand(report)?.changes.join("\n")).toMatch(
      /add --tool-call-parser hermes .*\nadd --reasoning-parser qwen3 .*\nadd --enable-prefix-caching/s,
    );
  });

  test("paused: it looks healthy, and only a chat shows it", async () => {
    expect(await post("/pause")).toBe(200);
    expect(codes(await look())).not.toContain("CHAT_UNANSWERED");
    expect(codes(await look({ probe: "active", timeoutMs: 4000 }))).toContain("CHAT_UNANSWERED");
    expect(await post("/resume")).toBe(200);
  });

  test("asleep", async () => {
    expect(await post("/sleep?level=1")).toBe(200);
    const report = await look({ probe: "list" });
    expect(report).toMatchObject({ state: "asleep", healthy: false });
    expect(report.findings[0]).toMatchObject({ code: "SERVER_ASLEEP", severity: "error" });
    expect(await post("/wake_up")).toBe(200);
  });

  test("the engine dies, then the server", async () => {
    const cache = createDiscoveryCache({ ttlMs: 0 });
    const before = await cache.discover({ baseUrl, apiKey, probe: "list" });
    lab?.kill("engine");
    const seen = new Set<string>();
    await expect
      .poll(
        async () => {
          const [first] = codes(await look({ probe: "list" }));
          seen.add(first ?? "");
          return first;
        },
        { timeout: 30_000, interval: 100 },
      )
      .toBe("SERVER_REFUSED");
    expect(seen).toContain("ENGINE_DEAD");
    const after = await cache.discover({ baseUrl, apiKey, probe: "list", force: true });
    expect(after.models).toEqual(before.models);
    expect(codes(after)).toEqual(["SERVER_REFUSED", "LAST_GOOD_ANSWER_USED"]);
  });
});
