import { afterEach, describe, expect, test, vi } from "vitest";
import { createFetch } from "./create-fetch.ts";

afterEach(() => void vi.unstubAllGlobals());

/** Which way a request goes: `fetch`, or our own HTTP (nothing listens there). */
async function wayOf(options: Parameters<typeof createFetch>[0]): Promise<string> {
  const fetch = vi.fn(async () => new Response("by fetch"));
  vi.stubGlobal("fetch", fetch);
  return createFetch(options)("http://127.0.0.1:1/").then(
    (response) => response.text(),
    () => (fetch.mock.calls.length === 0 ? "own" : "fetch that fails"),
  );
}

describe("VLLM_TRANSPORT", () => {
  test.each([
    [undefined, "own"],
    ["", "own"],
    [" ", "own"],
    ["fetch", "by fetch"],
    [" fetch ", "by fetch"],
  ])("%j: %s", async (value, way) => expect(await wayOf({ environment: { VLLM_TRANSPORT: value } })).toBe(way));

  test("is read from the program's environment", async () => {
    vi.stubEnv("VLLM_TRANSPORT", "fetch");
    expect(await wayOf({})).toBe("by fetch");
    vi.stubEnv("VLLM_TRANSPORT", undefined);
    expect(await wayOf({})).toBe("own");
    vi.unstubAllEnvs();
  });

  test("with another value is an error, so that a slip of the pen is seen", () => {
    expect(() => createFetch({ environment: { VLLM_TRANSPORT: "ftech" } })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining("VLLM_TRANSPORT") }),
    );
  });
});

describe("what only our own HTTP can do", () => {
  const fetch = async () => new Response();
  const environment = { VLLM_TRANSPORT: "fetch" };
  test.each([
    ["tls, with a fetch of one's own", { fetch, tls: {} }, /^tls .* a fetch of your own/],
    ["proxy, with a fetch of one's own", { fetch, proxy: "http://proxy" }, /^proxy .* a fetch of your own/],
    ["tls, switched off", { environment, tls: {} }, /^tls .*VLLM_TRANSPORT=fetch/],
    ["proxy, switched off", { environment, proxy: "http://proxy" }, /^proxy .*VLLM_TRANSPORT=fetch/],
  ])("%s is refused", (_name, options, message) => {
    expect(() => createFetch(options)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringMatching(message) }),
    );
  });

  test("no proxy is what a fetch does by itself", () => {
    expect(createFetch({ fetch, proxy: false })).toBeTypeOf("function");
    expect(createFetch({ environment, proxy: false })).toBeTypeOf("function");
  });

  test("a proxy that cannot be used is refused at once", () => {
    for (const proxy of ["socks5://proxy", "http://", ""])
      expect(() => createFetch({ proxy })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
