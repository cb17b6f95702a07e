import { createVllmClient, VERSION } from "@vllm/client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { collect } from "./support/collect.ts";
import { serveScript, type ScriptedAnswer } from "./support/scripted-server.ts";

const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: "chatcmpl-1",
  model: "m",
  choices: [{ index: 0, delta, finish_reason }],
});
const GOOD: ScriptedAnswer = { body: [chunk({ content: "secret answer" }), chunk({}, "stop")] };
const BUSY: ScriptedAnswer = { status: 503, body: { error: { message: "secret words", code: 503 } } };
const BROKEN: ScriptedAnswer = {
  body: [
    chunk({ tool_calls: [{ index: 0, id: "call-1", type: "function", function: { name: "ls", arguments: '{"pa' } }] }),
    chunk({}, "tool_calls"),
  ],
};
const ls = { type: "function", function: { name: "ls", parameters: { type: "object" } } } as const;
const PARAMS = { model: "m", messages: [{ role: "user" as const, content: "secret prompt" }] };

/** Two levels, as a logger has them. */
function recordLines() {
  const lines: { debug: string[]; warn: string[] } = { debug: [], warn: [] };
  const logger = {
    debug: (message: string) => void lines.debug.push(message),
    warn: (message: string) => void lines.warn.push(message.replace(/in \d+ ms/, "in … ms")),
  };
  return { lines, logger };
}

afterEach(() => void vi.restoreAllMocks());

describe("the option logger", () => {
  test("gets every request and what is sent again, with codes for reasons", async () => {
    const { baseUrl } = await serveScript(BUSY, GOOD);
    const { lines, logger } = recordLines();
    const { result } = await collect(createVllmClient({ baseUrl, apiKey: "secret", logger }).chat(PARAMS));
    expect(result?.text).toBe("secret answer");
    expect(lines.debug.filter((line) => line.includes(`POST ${baseUrl}/chat/completions`))).toHaveLength(2);
    expect(lines.debug.filter((line) => /^#\d+ (?:503|200) after \d+ ms/.test(line))).toHaveLength(2);
    expect(lines.warn).toEqual([`POST ${baseUrl}/chat/completions is sent again in … ms: SERVER_ERROR (503)`]);
    expect(JSON.stringify(lines)).not.toMatch(/secret/);
  });

  test("gets an answer that is asked for again", async () => {
    const { baseUrl } = await serveScript(BROKEN, GOOD);
    const { lines, logger } = recordLines();
    const client = createVllmClient({ baseUrl, brokenCalls: "retry", logger });
    await collect(client.chat({ ...PARAMS, tools: [ls] }));
    expect(lines.warn).toEqual([`POST ${baseUrl}/chat/completions is sent again: BROKEN_CALL_RETRIED`]);
  });

  test("gets the requests of other routes", async () => {
    const { baseUrl } = await serveScript({ body: { data: [] } });
    const { lines, logger } = recordLines();
    await createVllmClient({ baseUrl, logger }).post("/v1/embeddings", { input: "secret" });
    expect(lines.debug[0]).toMatch(/ POST http:\/\/127\.0\.0\.1:\d+\/v1\/embeddings$/);
  });

  test.each([
    ["console", console],
    ["a part of one", { warn: () => {} }],
  ])("accepts %s", (_, logger) => {
    vi.spyOn(console, "debug").mockImplementation(() => {});
    expect(() => createVllmClient({ logger })).not.toThrow();
  });

  test.each([["debug"], [{}], [{ debug: true }], [console.log]])("refuses %j", (logger) => {
    expect(() => createVllmClient({ logger: logger as object })).toThrow(/logger: .* methods debug and warn/);
  });
});

describe("a query in the address, which no request carries", () => {
  const baseUrl = "http://127.0.0.1:8000/v1?token=secret";

  test("is reported to the logger, without its text", () => {
    const { lines, logger } = recordLines();
    createVllmClient({ baseUrl, logger });
    expect(lines.warn).toEqual([expect.stringMatching(/^The base URL has a query, .* apiKey/)]);
    expect(lines.warn.join()).not.toMatch(/secret/);
  });

  test("is a warning of the process where there is no logger, once", () => {
    const emit = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    createVllmClient({ baseUrl });
    createVllmClient({ baseUrl });
    createVllmClient({ baseUrl: "http://127.0.0.1:8000/v1" });
    expect(emit.mock.calls).toEqual([[expect.stringMatching(/^The base URL has a query/), "VllmWarning"]]);
  });
});

test("VLLM_LOG=warn reports what is sent again, on stderr", async () => {
  vi.stubEnv("VLLM_LOG", "warn");
  const stderr = vi.spyOn(console, "error").mockImplementation(() => {});
  const { baseUrl } = await serveScript(BUSY, GOOD);
  await collect(createVllmClient({ baseUrl }).chat(PARAMS));
  vi.unstubAllEnvs();
  expect(stderr.mock.calls.map(([line]) => String(line))).toEqual([
    expect.stringMatching(/^vllm: POST .* is sent again in \d+ ms: /),
  ]);
});

test("the version is that of the package", async () => {
  const { default: manifest } = await import("../package.json", { with: { type: "json" } });
  expect(VERSION).toBe(manifest.version);
});
