import { stopClock } from "@vllm-tooling/contract/clock";
import { DEFAULT_LIMITS } from "@vllm/schema/core";
import { afterEach, expect, test, vi } from "vitest";
import { createModelProfiles } from "./model-profiles.ts";

afterEach(() => void vi.restoreAllMocks());

const LIST = { object: "list", data: [{ id: "m", object: "model", owned_by: "vllm", root: "m", max_model_len: 4096 }] };

/** A server whose first probe is never heard of again, as on Cloudflare Workers, where timers and requests end with the request they belong to. */
function startServer() {
  let isStuck = true;
  const asked: string[] = [];
  vi.spyOn(AbortSignal, "timeout").mockImplementation(() => new AbortController().signal);
  const fetch = vi.fn(async (input: string | URL | Request) => {
    const url = input instanceof Request ? input.url : String(input);
    asked.push(new URL(url).pathname);
    if (isStuck) return new Promise<never>(() => {});
    return url.endsWith("/v1/models") ? Response.json(LIST) : new Response("", { status: 404 });
  });
  const profiles = createModelProfiles({
    apiRoot: "http://gpu:8000/v1",
    limits: DEFAULT_LIMITS,
    tls: undefined,
    proxy: undefined,
    logger: undefined,
    fetch: fetch as never,
  });
  return {
    profiles,
    listsAsked: () => asked.filter((path) => path === "/v1/models").length,
    heal: () => (isStuck = false),
  };
}

test("a probe that is never heard of again is replaced after ten seconds, and not before", async () => {
  using clock = stopClock();
  const { profiles, listsAsked, heal } = startServer();

  const first = profiles.find("m", undefined);
  expect(await clock.passUntil(first, 500)).toBeUndefined();
  expect(clock.elapsedMs).toBe(1500);
  expect(listsAsked()).toBe(1);

  heal();
  await clock.pass(9999 - clock.elapsedMs);
  expect(await clock.passUntil(profiles.find("m", undefined), 500)).toBeUndefined();
  expect(listsAsked()).toBe(1);

  const replaced = await profiles.find("m", undefined);
  expect(replaced?.contextWindow.value).toBe(4096);
  expect(listsAsked()).toBe(2);
});
