import { get } from "node:http";
import { describe, expect, test } from "vitest";
import { loadFixture } from "@vllm-tooling/fixtures";
import { describeTargets } from "./index.ts";

const fetchByNodeHttp = (url: string) =>
  new Promise<{ status: number | undefined }>((resolve, reject) => {
    get(url, (response) => resolve({ status: response.resume().statusCode })).on("error", reject);
  });

describeTargets(["msw", "fake", "real"], (target) => {
  const fixture = loadFixture("0.32.0/hermes-qwen3/tool-one");

  test("answers the recorded request with one call of the weather tool", async () => {
    const served = await target.serve(fixture.id);
    const response = await fetch(`${served.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...(fixture.request.body as object), model: served.model }),
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const text = await response.text();
    expect(text).toContain('"name":"get_weather"');
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  test("is reached as it says: by fetch only, or by any transport", async () => {
    const served = await target.serve(fixture.id);
    expect(served.fetch).toBe(target.name === "msw" ? globalThis.fetch : undefined);
    const send = served.fetch ?? fetchByNodeHttp;
    expect((await send(`${served.baseUrl}/models`)).status).toBe(200);
  });
});

describeTargets(["msw", "fake"], (target) => {
  test("fails on demand", async () => {
    const served = await target.serveFailing("html-502");
    const response = await fetch(`${served.baseUrl}/chat/completions`, { method: "POST", body: "{}" });
    expect(response.status).toBe(502);
    expect(served.requests).toHaveLength(1);
  });

  test("forgets one test's server in the next", async () => {
    const served = await target.serve("hello-stream");
    expect((await fetch(`${served.baseUrl}/models`)).status).toBe(200);
    expect(served.requests).toHaveLength(1);
  });
});

describe("describeTargets", () => {
  test.skipIf(process.env["VLLM_LIVE_BASE_URL"])("leaves the real server out unless its address is given", () => {
    let isDefined = false;
    describeTargets(["real"], () => (isDefined = true));
    expect(isDefined).toBe(false);
  });
});
