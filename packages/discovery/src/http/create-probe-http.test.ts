import { afterEach, describe, expect, test, vi } from "vitest";
import { networkError, playFetch } from "../../test/play.ts";
import { discoverServer } from "../index.ts";

const baseUrl = "http://gpu:8000/v1";
const models = Response.json({ object: "list", data: [{ id: "m", owned_by: "vllm" }] });

/** Numbers that differ from run to run, as `…`. */
const masked = (line: string) => line.replace(/^(vllm: )?#\d+ /, "$1#… ").replace(/after \d+ ms/, "after … ms");

/** The lines about the request for the list. */
function linesAbout(lines: readonly string[], path: string): string[] {
  const number = lines.find((line) => line.endsWith(`GET http://gpu:8000${path}`))?.match(/#\d+ /)?.[0];
  return lines.filter((line) => number !== undefined && line.includes(number)).map(masked);
}

afterEach(() => void vi.restoreAllMocks());

describe("each request over a fetch of the caller's", () => {
  test("is reported to the logger, without the key", async () => {
    const lines: string[] = [];
    const logger = { debug: (line: string) => void lines.push(line) };
    const fetch = playFetch({ "GET /v1/models": models, "GET /version": networkError("ECONNREFUSED") });
    await discoverServer({ baseUrl, apiKey: "sk-secret", fetch, logger, probe: "list" });
    expect(linesAbout(lines, "/v1/models")).toEqual([
      "#… GET http://gpu:8000/v1/models",
      "#… 200 after … ms",
      expect.stringMatching(/^#… complete after … ms, \d+ bytes$/),
    ]);
    expect(linesAbout(lines, "/version")).toEqual([
      "#… GET http://gpu:8000/version",
      "#… ECONNREFUSED after … ms, 0 bytes",
    ]);
    expect(lines.join("\n")).not.toContain("secret");
  });

  test("is reported on stderr where VLLM_LOG=debug says so", async () => {
    vi.stubEnv("VLLM_LOG", "debug");
    const stderr = vi.spyOn(console, "error").mockImplementation(() => {});
    await discoverServer({ baseUrl, fetch: playFetch({ "GET /v1/models": models }), probe: "list" });
    vi.unstubAllEnvs();
    const lines = stderr.mock.calls.map(([line]) => String(line));
    expect(linesAbout(lines, "/v1/models")[0]).toBe("vllm: #… GET http://gpu:8000/v1/models");
  });

  test("names the client, and hands on what a program's own headers say", async () => {
    const fetch = playFetch({ "GET /v1/models": models });
    await discoverServer({ baseUrl, fetch, probe: "list" });
    await discoverServer({ baseUrl, fetch, probe: "list", headers: { "User-Agent": "mine/1" } });
    const asked = fetch.seen
      .filter(({ path }) => path === "/v1/models")
      .map(({ headers }) => headers.get("user-agent"));
    expect(new Set(asked)).toEqual(new Set([expect.stringMatching(/^vllm-client\/\d/), "mine/1"]));
  });
});
