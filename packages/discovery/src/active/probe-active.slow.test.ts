import { expect, test } from "vitest";
import { playFetch, recorded } from "../../test/play.ts";
import { discoverServer } from "../index.ts";

// As `0.32.0/sleep/chat-paused` shows: healthy, checked, and then nothing.
test("a paused engine: only a chat shows it", async () => {
  const refusedLast = Response.json(
    { error: { message: "data_parallel_rank 999999 is out of range [0, 1).", type: "BadRequestError", code: 400 } },
    { status: 400 },
  );
  const fetch = playFetch({
    "GET /v1/models": recorded("0.32.0/tools-hermes/models"),
    "GET /version": recorded("0.32.0/hermes-qwen3/version"),
    "GET /health": recorded("0.32.0/hermes-qwen3/health"),
    "GET /v1/chat/completions": Response.json({ detail: "Method Not Allowed" }, { status: 405 }),
    "POST /v1/chat/completions": ({ headers }) =>
      headers.has("x-data-parallel-rank") ? refusedLast : new Promise<Response>(() => {}),
  });
  const report = await discoverServer({
    baseUrl: "http://127.0.0.1:8000/v1",
    fetch,
    probe: "active",
    timeoutMs: 2000,
  });
  expect(report).toMatchObject({ state: "ready", tokensSpent: 0 });
  expect(report.findings[0]).toMatchObject({
    code: "CHAT_UNANSWERED",
    severity: "error",
    model: "tiny",
    message: expect.stringMatching(/no answer in [12] s/),
  });
  expect(report.models[0]).toMatchObject({ toolCalling: { status: "yes" }, structuredOutput: { status: "yes" } });
});
