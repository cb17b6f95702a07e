import { setupServer } from "msw/node";
import { afterEach, beforeAll, afterAll, describe, expect, test } from "vitest";
import { loadFixture } from "@vllm-tooling/fixtures";
import { createControlledStream, createVllmHandlers, type ReceivedRequest, type VllmHandlersOptions } from "./index.ts";

const baseUrl = "http://vllm.test:8000/v1";
const server = setupServer();
beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function use(options: Omit<VllmHandlersOptions, "baseUrl"> = {}): void {
  server.use(...createVllmHandlers({ baseUrl, ...options }));
}

const chat = (body: object = {}, signal?: AbortSignal) =>
  fetch(`${baseUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "lab/tiny", messages: [{ role: "user", content: "Hi" }], stream: true, ...body }),
    ...(signal ? { signal } : {}),
  });

describe("createVllmHandlers", () => {
  test("plays a fixture byte for byte", async () => {
    const requests: ReceivedRequest[] = [];
    use({ scenario: "tool-one", requests });
    const response = await chat();
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const recorded = loadFixture("0.32.0/lab/tool-one").response;
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(recorded.body);
    expect(requests).toMatchObject([{ method: "POST", path: "/v1/chat/completions", aborted: false, finished: true }]);
  });

  test("keeps the chunks apart", async () => {
    use({ scenario: "hello-stream" });
    const pieces: Uint8Array[] = [];
    for await (const piece of (await chat()).body!) pieces.push(piece);
    expect(pieces).toEqual(loadFixture("0.32.0/lab/hello-stream").response.chunks);
  });

  test("answers the other routes, with and without /v1", async () => {
    use({ apiKey: "k" });
    expect(await (await fetch("http://vllm.test:8000/version")).json()).toEqual({ version: "0.32.0" });
    expect((await fetch(`${baseUrl}/models`)).status).toBe(401);
    expect((await fetch(`${baseUrl}/models`, { headers: { authorization: "Bearer k" } })).status).toBe(200);
    expect((await fetch("http://vllm.test:8000/nothing")).status).toBe(404);
    expect((await fetch("http://vllm.test:8000/health", { method: "HEAD" })).status).toBe(405);
    expect((await fetch("http://vllm.test:8000/health", { method: "DELETE" })).status).toBe(405);
  });

  test("refuse is a network error, for as many requests as told", async () => {
    use({ fail: { kind: "refuse", times: 1 } });
    await expect(chat()).rejects.toThrow(TypeError);
    expect((await chat()).status).toBe(200);
  });

  test("a body that is cut ends in an error after its first half", async () => {
    use({ scenario: "hello-stream", fail: { kind: "cut-after-bytes", afterBytes: 300 } });
    const response = await chat();
    let length = 0;
    const read = async () => {
      for await (const piece of response.body!) length += piece.length;
    };
    await expect(read()).rejects.toThrow(TypeError);
    expect(length).toBe(300);
  });

  test("notices that the client leaves a stalled stream", async () => {
    const requests: ReceivedRequest[] = [];
    use({ scenario: "hello-stream", fail: "stall", requests });
    const leaving = new AbortController();
    const response = await chat({}, leaving.signal);
    await response.body!.getReader().read();
    leaving.abort();
    await expect.poll(() => requests[0]?.aborted).toBe(true);
  });

  test("plays a controlled stream", async () => {
    const stream = createControlledStream();
    use({ scenario: stream });
    const text = chat().then((response) => response.text());
    stream.write("data: 1\n\n");
    stream.end();
    expect(await text).toBe("data: 1\n\n");
    expect(await stream.closed).toBe("ended");
  });
});
