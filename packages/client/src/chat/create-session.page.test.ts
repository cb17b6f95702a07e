import { afterAll, beforeEach, expect, test, vi } from "vitest";
import type { createVllmClient as Create } from "../create-vllm-client.ts";

let createVllmClient: typeof Create;
let isOffline = false;

// As a page that was just opened: nothing of it is loaded yet, whichever test ran before in this process.
beforeEach(async () => {
  isOffline = false;
  vi.resetModules();
  vi.doMock("./create-session.ts", () => import("./create-session.page.ts"));
  vi.doMock("./chat-session.ts", (original) => {
    if (isOffline) throw new Error("Failed to fetch dynamically imported module");
    return original();
  });
  ({ createVllmClient } = await import("../create-vllm-client.ts"));
});

afterAll(() => {
  vi.doUnmock("./create-session.ts");
  vi.doUnmock("./chat-session.ts");
  vi.resetModules();
});

const EVENTS = [
  '{"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"Hello"}}]}',
  '{"id":"1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
  "[DONE]",
];
const messages = [{ role: "user" as const, content: "Hi" }];

function client() {
  const fetch = vi.fn(() =>
    Promise.resolve(
      new Response(EVENTS.map((data) => `data: ${data}\n\n`).join(""), {
        headers: { "content-type": "text/event-stream" },
      }),
    ),
  );
  return { fetch, vllm: createVllmClient({ baseUrl: "http://gpu:8000", model: "m", fetch }) };
}

test("a chat whose code the page could not load was not sent, and the error says what to do", async () => {
  isOffline = true;
  const { fetch, vllm } = client();
  const error = await vllm.complete({ messages }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "INVALID_REQUEST",
    isRetryable: false,
    hint: expect.stringContaining("Reload the page"),
    partial: { text: "" },
  });
  expect(fetch).not.toHaveBeenCalled();
});

test("a chat is the same once its code is there", async () => {
  const { vllm } = client();
  const types: string[] = [];
  const reply = vllm.chat({ messages });
  for await (const event of reply) types.push(event.type);
  expect(types).toEqual(["start", "text_start", "text_delta", "text_end", "done"]);
  expect((await reply.result()).text).toBe("Hello");
});

test("chunks can be asked for in the same turn, and not later", async () => {
  const { vllm } = client();
  const deltas: unknown[] = [];
  for await (const chunk of vllm.chat({ messages }).rawChunks()) deltas.push(chunk.choices[0]?.delta);
  expect(deltas).toEqual([{ content: "Hello" }, {}]);
  const late = vllm.chat({ messages });
  await Promise.resolve();
  expect(() => late.rawChunks()).toThrow(TypeError);
  await late.result();
});

test.each([
  ["abort()", (reply: { abort(reason: unknown): void }) => reply.abort(new Error("enough"))],
  ["the signal", (_: unknown, stop: AbortController) => stop.abort(new Error("enough"))],
] as const)("%s while the code is on its way ends the reply, and nothing is sent", async (_, end) => {
  const { fetch, vllm } = client();
  const stop = new AbortController();
  const reply = vllm.chat({ messages }, { signal: stop.signal });
  await Promise.resolve();
  end(reply, stop);
  await expect(reply.result()).rejects.toMatchObject({ code: "ABORTED", partial: { text: "" } });
  await vi.dynamicImportSettled();
  expect(fetch).not.toHaveBeenCalled();
});

test("a signal that is aborted already, and one that is none", async () => {
  const { vllm } = client();
  await expect(vllm.complete({ messages }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
  await expect(vllm.complete({ messages }, { signal: "no" as never })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
});
