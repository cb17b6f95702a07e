import { createVllmClient, VllmError, type ChatOptions, type VllmClientOptions } from "@vllm/client";
import { createOpenAI } from "@vllm/client/openai";
import { describe, expect, test } from "vitest";
import { collect, partialOf } from "../../test/support/collect.ts";
import { playing } from "../../test/support/play.ts";

const PARAMS = { model: "m", messages: [{ role: "user" as const, content: "hello" }] };

function refusal(make: () => unknown): VllmError {
  try {
    make();
  } catch (error) {
    if (VllmError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("It was accepted.");
}

describe("options that cannot be used are refused when the client is made", () => {
  test.each<[unknown, path: string, received: string, fix: string]>([
    [null, "", "null", "Pass an object: { baseUrl: … }."],
    ["http://127.0.0.1:8000", "", "a string", "Pass an object: { baseUrl: … }."],
    [{ baseURL: "http://gpu:8000" }, "baseURL", "a string", "Did you mean baseUrl?"],
    [{ sampling: {} }, "sampling", "an object", "Remove sampling."],
    [{ baseUrl: new URL("http://gpu:8000") }, "baseUrl", "an object", "url.href"],
    [{ apiKey: 4711 }, "apiKey", "the number 4711", "Change apiKey, or leave it out."],
    [{ headers: new Headers({ "x-a": "b" }) }, "headers", "an object", "Object.fromEntries(headers)"],
    [{ headers: { "x-a": undefined } }, "headers", "an object", "Leave out what has no value"],
    [{ retry: 3 }, "retry", "the number 3", "Change retry"],
    [{ retry: { maxRetries: -1 } }, "retry.maxRetries", "the number -1", "Change retry.maxRetries"],
    [{ retry: { retries: 2 } }, "retry.retries", "the number 2", "Did you mean maxRetries?"],
    [{ timeouts: { idleMs: "5000" } }, "timeouts.idleMs", "a string", "Change timeouts.idleMs"],
    [{ timeouts: { idleMs: 0 } }, "timeouts.idleMs", "the number 0", "Change timeouts.idleMs"],
    [{ timeouts: { connectMs: Infinity } }, "timeouts.connectMs", "the number Infinity", "Change timeouts.connectMs"],
    [{ timeouts: { firstTokenMs: Number.NaN } }, "timeouts.firstTokenMs", "the number NaN", "Change timeouts"],
    [{ timeouts: { idle: 5 } }, "timeouts.idle", "the number 5", "Did you mean idleMs?"],
    [{ recover: true }, "recover", "true", "Change recover"],
    [{ recover: { thinktags: true } }, "recover.thinktags", "true", "Did you mean thinkTags?"],
    [{ profile: "qwen3" }, "profile", "a string", "Change profile"],
    [{ proxy: true }, "proxy", "true", "http://host:port"],
    [{ fetch: "node-fetch" }, "fetch", "a string", "Change fetch"],
    [{ tls: { ca: "/etc/ssl/ca.pem" } }, "tls.ca", "a string", "readFileSync"],
    [{ fitMaxTokens: "no" }, "fitMaxTokens", "a string", "Change fitMaxTokens"],
  ])("%j", (options, path, received, fix) => {
    for (const create of [createVllmClient, createOpenAI]) {
      const error = refusal(() => create(options as VllmClientOptions));
      expect(error.code).toBe("CONFIG_INVALID");
      expect(error.issues).toEqual([
        { path, received, accepted: expect.any(String), fix: expect.stringContaining(fix) },
      ]);
      expect(error.message).toContain(path);
      expect(error.hint).toContain(fix);
    }
  });

  test("all of them at once, and no value that may be secret", () => {
    const options = { apiKey: ["sk-4711"], baseURL: "http://user:sk-4711@gpu", timeouts: { idleMs: -1, connectMs: 5 } };
    const error = refusal(() => createVllmClient(options as never));
    expect(error.issues?.map(({ path }) => path)).toEqual(["apiKey", "baseURL", "timeouts.idleMs"]);
    expect(`${error.message} ${error.hint} ${JSON.stringify(error)}`).not.toMatch(/(?<!\d)4711(?!\d)/);
    expect(error.message).toBe(
      [
        "The options of the client cannot be used (received | accepted | what to change):",
        "  apiKey: a list | a string | Change apiKey, or leave it out.",
        "  baseURL: a string | no such option; known are baseUrl, apiKey, model, headers, retry, timeouts, limits, recover, profile, brokenCalls, resume, largeIntegers, fitMaxTokens, tls, proxy, logger, fetch | Did you mean baseUrl?",
        "  timeouts.idleMs: the number -1 | a number of ms above 0, or false for no limit | Change timeouts.idleMs, or leave it out.",
      ].join("\n"),
    );
  });

  test("what is there and undefined was not given, and an object of any class will do", () => {
    class Settings {
      readonly baseUrl = "http://127.0.0.1:1";
      readonly apiKey = undefined;
    }
    expect(createVllmClient(new Settings()).baseUrl).toBe("http://127.0.0.1:1/v1");
    createVllmClient({ timeouts: { idleMs: false, connectMs: undefined }, retry: { maxRetries: 0 }, recover: {} });
  });
});

describe("options of a request that cannot be used end the reply", () => {
  test.each<[unknown, path: string, fix: string]>([
    [new AbortController().signal, "", "Pass an object: { signal: … }."],
    [{ signal: new AbortController() }, "signal", "controller.signal"],
    [{ signal: {} }, "signal", "controller.signal"],
    [{ requestId: 5 }, "requestId", "Change requestId"],
    [{ timeout: 5000 }, "timeout", "Did you mean timeouts?"],
    [{ timeouts: 5000 }, "timeouts", "Change timeouts"],
  ])("%j", async (options, path, fix) => {
    const fetch = playing({ pieces: [] });
    const client = createVllmClient({ fetch });
    const { error, events } = await collect(client.chat(PARAMS, options as ChatOptions));
    expect(error?.code).toBe("CONFIG_INVALID");
    expect(error?.issues).toMatchObject([{ path, fix: expect.stringContaining(fix) }]);
    expect(partialOf(error)).toMatchObject({ text: "" });
    expect(events).toEqual([]);
    expect(fetch.requests).toEqual([]);
  });

  test("also those of the tokenizer", async () => {
    const client = createVllmClient({ fetch: playing({ pieces: [] }) });
    const signal = new AbortController() as never;
    await expect(client.tokenize({ prompt: "a" }, { signal })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(client.detokenize({ tokens: [] }, { signal })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(client.countTokens(PARAMS, { signal })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
