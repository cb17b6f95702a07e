import { stopClock } from "@vllm-tooling/contract/clock";
import { describe, expect, test } from "vitest";
import { playFetch, recorded } from "./play.ts";
import type { SeenRequest } from "./play.ts";
import { createDiscoveryCache, discoverServer, toModelEntries } from "../src/index.ts";

const baseUrl = "http://127.0.0.1:8000/v1";

/** A vLLM whose `/tokenize` answers so many questions, and then none until the time is over. */
function serveSlowly(answers: number) {
  const state = { answers, asked: 0 };
  const fetch = playFetch({
    "GET /v1/models": Response.json({ data: [{ id: "m", root: "r", owned_by: "vllm", max_model_len: 32768 }] }),
    "GET /version": recorded("0.32.0/hermes-qwen3/version"),
    "GET /health": recorded("0.32.0/hermes-qwen3/health"),
    "GET /metrics": new Response("vllm:num_requests_running 12\nvllm:num_requests_waiting 1\n"),
    "GET /v1/chat/completions": Response.json({}, { status: 405 }),
    "POST /tokenize": ({ body }: SeenRequest) => {
      state.asked += 1;
      if (state.asked > state.answers) return new Promise<Response>(() => {});
      const { messages } = body as { messages: { content: string }[] };
      const tokens = Array.from(messages.map(({ content }) => content).join(" "), (letter) => letter.codePointAt(0));
      return Response.json({ count: tokens.length, max_model_len: 32768, tokens });
    },
    "POST /detokenize": ({ body }: SeenRequest) =>
      Response.json({ prompt: String.fromCodePoint(...(body as { tokens: number[] }).tokens) }),
  });
  return { fetch, state };
}

describe("a probe that runs out of time", () => {
  test.each([
    ["before the first answer", 0],
    ["in the middle", 3],
  ])("%s: what was not seen is unknown, and the busy server is named", async (_name, answers) => {
    using clock = stopClock();
    const report = await clock.passUntil(discoverServer({ baseUrl, fetch: serveSlowly(answers).fetch }), 100);
    expect(report.state).toBe("ready");
    expect(report.models[0]?.thinks.status).toBe("unknown");
    expect(report.models[0]?.profile).not.toHaveProperty("thinking");
    const found = report.findings.find(({ code }) => code === "PROBE_INCOMPLETE");
    expect(found?.message).toMatch(/\/tokenize.*busy: 12 requests run and 1 waits\.$/);
    expect(report.findings.map(({ code }) => code)).not.toContain("TEMPLATE_NOT_PROBED");
  });

  test("in the middle: an entry does not say that the model cannot think", async () => {
    using clock = stopClock();
    const report = await clock.passUntil(discoverServer({ baseUrl, fetch: serveSlowly(3).fetch }), 100);
    expect(toModelEntries(report.models)[0]?.reasoning).toBe(true);
  });

  test("is not remembered: the next one asks for all of it", async () => {
    using clock = stopClock();
    const { fetch, state } = serveSlowly(3);
    const cache = createDiscoveryCache();
    const first = await clock.passUntil(cache.discover({ baseUrl, fetch }), 100);
    expect(first.templateProbe.incomplete).toEqual(["m"]);
    state.answers = Number.POSITIVE_INFINITY;
    const second = await clock.passUntil(cache.discover({ baseUrl, fetch, force: true }), 100);
    expect(second.templateProbe).not.toHaveProperty("incomplete");
    expect(second.models[0]?.thinks.status).toBe("no");
    expect(second.findings.map(({ code }) => code)).not.toContain("PROBE_INCOMPLETE");
  });
});
