import { createVllmClient, VllmError, type ModelProfile } from "@vllm/client";
import { expect, test, vi } from "vitest";
import { playing } from "./support/play.ts";

const messages = [{ role: "user" as const, content: "hello" }];
const profile: Partial<ModelProfile> = {
  thinking: {
    value: { default: "on", off: { chat_template_kwargs: { thinking: false } } },
    source: "user",
    evidence: "the model card",
  },
};
const ANSWER = new TextEncoder().encode('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n');
const json = (value: unknown) => ({
  pieces: [new TextEncoder().encode(JSON.stringify(value))],
  headers: { "content-type": "application/json" },
});
const answering = () => playing({ pieces: [ANSWER] });
const THINKING_OFF = { chat_template_kwargs: { thinking: false } };

test("a function finds the profile of a model, once for each", async () => {
  const fetch = answering();
  const find = vi.fn(async () => profile);
  const client = createVllmClient({ fetch, profile: find });
  for (const model of ["a", "b", "a"]) await client.complete({ model, messages, thinking: "off" });
  await client.complete({ messages, thinking: "off", extra_body: { model: "b" } });
  expect(find.mock.calls).toEqual([["a"], ["b"]]);
  expect(fetch.requests).toHaveLength(4);
  for (const { body } of fetch.requests) expect(body).toMatchObject(THINKING_OFF);
});

test("of a request it is called for that request, and wins", async () => {
  const fetch = answering();
  const client = createVllmClient({ fetch, model: "a", profile: () => undefined });
  const find = vi.fn(() => profile);
  await client.complete({ messages, thinking: "off" }, { profile: find });
  await client.complete({ messages, thinking: "off" }, { profile: find });
  expect(find.mock.calls).toEqual([["a"], ["a"]]);
  expect(fetch.requests[1]?.body).toMatchObject(THINKING_OFF);
});

test("gets the server's only model where nobody names one", async () => {
  const fetch = playing(json({ data: [{ id: "only" }] }), { pieces: [ANSWER] });
  const find = vi.fn(() => undefined);
  await createVllmClient({ fetch, profile: find }).complete({ messages });
  expect(find.mock.calls).toEqual([["only"]]);
  expect(fetch.requests.map(({ url }) => new URL(url).pathname)).toEqual(["/v1/models", "/v1/chat/completions"]);
});

test("what failed or found nothing is asked again", async () => {
  const find = vi
    .fn<() => Promise<Partial<ModelProfile> | undefined>>()
    .mockRejectedValueOnce(new TypeError("no"))
    .mockResolvedValueOnce(undefined)
    .mockResolvedValue(profile);
  const client = createVllmClient({ fetch: answering(), model: "m", profile: find });
  const failed = await client.complete({ messages }).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("profile") });
  for (let turn = 0; turn < 3; turn += 1) await client.complete({ messages });
  expect(find).toHaveBeenCalledTimes(3);
});

test("an error of ours ends the reply as it is, and an abort does not wait for the function", async () => {
  const error = new VllmError({ code: "SERVER_UNREACHABLE", message: "m", hint: "h" });
  const client = createVllmClient({ fetch: answering(), model: "m", profile: () => Promise.reject(error) });
  expect(await client.complete({ messages }).catch((reason: unknown) => reason)).toBe(error);
  const fetch = answering();
  const slow = createVllmClient({ fetch, model: "m", profile: () => new Promise(() => {}) });
  const reply = slow.chat({ messages });
  const result = reply.result();
  await Promise.resolve();
  reply.abort();
  await expect(result).rejects.toMatchObject({ code: "ABORTED" });
  expect(fetch.requests).toEqual([]);
});

test("shapes the conversation that is counted, too", async () => {
  const fetch = playing(json({ count: 3, tokens: [1, 2, 3] }));
  const client = createVllmClient({ fetch, model: "m", profile: async () => profile });
  expect(await client.countTokens({ messages, thinking: "off" })).toBe(3);
  expect(fetch.requests[0]?.body).toMatchObject(THINKING_OFF);
});

test("models gives what is served; an adapter has the window of its base", async () => {
  const data = [
    { id: "base", object: "model", root: "/m", parent: null, max_model_len: 4096, permission: [] },
    { id: "lora", root: "/l", parent: "base", max_model_len: null },
    { id: "bare" },
    { object: "model" },
  ];
  const fetch = playing(json({ object: "list", data }));
  const client = createVllmClient({ baseUrl: "http://server:1", fetch });
  expect(await client.models()).toEqual([
    { id: "base", root: "/m", maxModelLen: 4096 },
    { id: "lora", root: "/l", parent: "base", maxModelLen: 4096 },
    { id: "bare" },
  ]);
  expect(fetch.requests[0]?.url).toBe("http://server:1/v1/models");
});

test("models refuses what is not a list of models, wrong options, and an abort", async () => {
  const client = createVllmClient({ fetch: playing(json({ message: "hello" })) });
  await expect(client.models()).rejects.toMatchObject({ code: "NOT_VLLM" });
  await expect(client.models({ timeout: 5 } as never)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  await expect(client.models({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
});
