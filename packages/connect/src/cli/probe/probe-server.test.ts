import { expect, test } from "vitest";
import { stopClock, type Clock } from "@vllm-tooling/contract/clock";
import type { ReadAgentConfig } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext } from "../command-context.ts";
import { probeServer } from "./probe-server.ts";

/** A vLLM that answers so many `/tokenize`, and then none for as long as the first probe waits. */
function busyServer(answers: number, clock: Clock) {
  let asked = 0;
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    if (pathname === "/v1/models")
      return Response.json({ data: [{ id: "m", root: "r", owned_by: "vllm", max_model_len: 32_768 }] });
    if (pathname === "/version") return Response.json({ version: "0.32.0" });
    if (pathname === "/detokenize") {
      const { tokens } = (await request.json()) as { tokens: number[] };
      return Response.json({ prompt: String.fromCodePoint(...tokens) });
    }
    if (pathname !== "/tokenize") return new Response(null, { status: pathname === "/health" ? 200 : 404 });
    asked += 1;
    if (asked > answers && clock.elapsedMs < 5000) return new Promise(() => {});
    const { messages } = (await request.json()) as { messages: { content: string }[] };
    const tokens = Array.from(messages.map(({ content }) => content).join(" "), (letter) => letter.codePointAt(0));
    return Response.json({ count: tokens.length, max_model_len: 32_768, tokens });
  };
  return fetch as typeof globalThis.fetch;
}

test("a server that did not answer all in time is asked again, with more of it", async () => {
  using clock = stopClock();
  const context = {
    terminal: { stderr: {}, stdout: {}, signal: new AbortController().signal, fetch: busyServer(3, clock) },
    output: { colors: {} },
    options: {},
  } as unknown as CommandContext;
  const config = { location: { agent: "coderclaw" }, value: {}, env: {} } as unknown as ReadAgentConfig;
  const looking = probeServer(context, config, { providerId: "vllm", baseUrl: "http://127.0.0.1:8000", apiKey: "k" });
  const report = await clock.passUntil(looking, 100);
  expect(report.models[0]?.thinks.status).toBe("no");
  expect(report.findings.map(({ code }) => code)).not.toContain("PROBE_INCOMPLETE");
});
