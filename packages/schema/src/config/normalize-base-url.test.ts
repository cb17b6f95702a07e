import { growthOf } from "@vllm-tooling/contract";
import { loadFixture } from "@vllm-tooling/fixtures";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalizeBaseUrl, VllmError } from "../core.ts";

/** Routes of clusters and of tests, which nobody has in a browser's address line. */
const NOT_PASTED = /elastic_ep|kv_event_sources|systemone|generative_scoring/;

describe("normalizeBaseUrl", () => {
  test.each<[string, string]>([
    ["http://127.0.0.1:8000/v1", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000//v1//", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/v1/v1", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/v1/chat/completions", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/v1/chat/completions/", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/v1/chat", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/v1/v1/models", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/chat/completions", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/v1/completions", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/v1/responses", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/v1/embeddings", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/v1/messages", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/health", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/docs", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/openapi.json", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/metrics?x=1#y", "http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/v1?from=http://b", "http://127.0.0.1:8000"],
    ["  http://127.0.0.1:8000/v1\n", "http://127.0.0.1:8000"],
    // without a scheme
    ["localhost:8000", "http://localhost:8000"],
    ["localhost:8000/v1", "http://localhost:8000"],
    ["localhost", "http://localhost"],
    ["gpu-box.local/v1", "http://gpu-box.local"],
    ["192.168.1.5:8000", "http://192.168.1.5:8000"],
    ["0.0.0.0:8000", "http://0.0.0.0:8000"],
    ["//gpu:8000/", "http://gpu:8000"],
    ["8000", "http://127.0.0.1:8000"],
    [":8000", "http://127.0.0.1:8000"],
    [":8000/v1", "http://127.0.0.1:8000"],
    // a path in front
    ["https://gateway.example/vllm/v1", "https://gateway.example/vllm"],
    ["https://gateway.example/vllm", "https://gateway.example/vllm"],
    ["https://gateway.example/a/b/v1/models", "https://gateway.example/a/b"],
    ["https://gateway.example/v1/proxy/v1", "https://gateway.example/v1/proxy"],
    ["https://gateway.example/models/v1", "https://gateway.example/models"],
    // IPv6, ports, names
    ["[::1]:8000", "http://[::1]:8000"],
    ["http://[2001:db8::1]/v1", "http://[2001:db8::1]"],
    ["https://host:443/v1", "https://host"],
    ["HTTP://Host:80/v1", "http://host"],
    ["http://bücher.example:8000", "http://xn--bcher-kva.example:8000"],
    // typing slips
    ["http:/gpu:8000", "http://gpu:8000"],
    ["http:gpu:8000/v1", "http://gpu:8000"],
    // copied with what stood around it
    [`"http://gpu:8000/v1",`, "http://gpu:8000"],
    ["<http://gpu:8000/v1>", "http://gpu:8000"],
    ["`gpu:8000`", "http://gpu:8000"],
    ["\u200bhttp://gpu:8000/v1\u200b", "http://gpu:8000"],
    ["HTTP://GPU:8000/V1/Models", "http://gpu:8000"],
    // credentials are kept
    ["http://user:pass@gpu:8000/v1", "http://user:pass@gpu:8000"],
    ["user:pass@gpu:8000", "http://user:pass@gpu:8000"],
    ["https://token@gpu/v1", "https://token@gpu"],
  ])("%j", (text, serverRoot) => {
    expect(normalizeBaseUrl(text)).toEqual({ serverRoot, apiRoot: `${serverRoot}/v1` });
  });

  test.each([
    "",
    "   ",
    "a b",
    "http://",
    "http://:8000",
    "http:///v1",
    "/v1",
    "/v1/chat/completions",
    "http://gpu:99999",
    "http://gpu:80x",
    "ws://gpu:8000",
    "wss://gpu/v1",
    "file:///etc/passwd",
    "file:/etc/passwd",
    "ftp://gpu",
    "ht!tp://gpu",
    "unix:/run/vllm.sock",
    "javascript:alert(1)",
    "data:text/plain,x",
    "http://a b/",
    "http://[::1",
    "http://gpu\u0000/",
  ])("refuses %j", (text) => {
    let thrown: unknown;
    try {
      normalizeBaseUrl(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(VllmError);
    expect(thrown).toMatchObject({
      code: "CONFIG_INVALID",
      isRetryable: false,
      hint: "Use the address that `vllm serve` prints plus /v1, for example http://127.0.0.1:8000/v1.",
      issues: [{ path: "baseUrl", accepted: "an http:// or https:// address" }],
    });
  });

  test.each([
    ["http://a:8000 http://b:8000", /more than one address/],
    ["http://a:8000,http://b:8000/v1", /more than one address/],
    ["http://a:8000/v1http://b", /more than one address/],
    ["http://http://gpu:8000", /more than one address/],
    ["a:8000,https://b", /more than one address/],
    ["http//gpu:8000", /colon is missing/],
    ["HTTPS//gpu/v1", /colon is missing/],
    ['"http//gpu:8000"', /colon is missing/],
    ["\\\\server\\share", /no backslashes/],
    ["http:\\\\gpu:8000", /no backslashes/],
    ["http://gpu:8000\\v1", /no backslashes/],
  ])("says what is wrong with %j", (text, hint) => {
    expect(() => normalizeBaseUrl(text)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", hint: expect.stringMatching(hint) }),
    );
  });

  test.each(["::1", "::1:8000", "2001:db8::1", "fe80::1%eth0"])("says how to write the IPv6 address %s", (text) => {
    expect(() => normalizeBaseUrl(text)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        hint: "Write an IPv6 address in brackets, with the port behind them: http://[::1]:8000/v1.",
      }),
    );
  });

  test("knows every route of a recorded vLLM", () => {
    const { body } = loadFixture("0.32.0/lab/openapi").response;
    const { paths } = JSON.parse(new TextDecoder().decode(body)) as { paths: Record<string, unknown> };
    const pasted = Object.keys(paths).filter((path) => !path.includes("{") && !NOT_PASTED.test(path));
    expect(pasted.length).toBeGreaterThan(14);
    for (const path of pasted) {
      expect([path, normalizeBaseUrl(`http://gpu:8000${path}`).serverRoot]).toEqual([path, "http://gpu:8000"]);
    }
  });

  test("the message of a refused address", () => {
    expect(() => normalizeBaseUrl("ws://user:secret@gpu/x?key=secret")).toThrow(
      `"ws://gpu/x" is not the address of an HTTP server.`,
    );
    expect(() => normalizeBaseUrl(" ")).toThrow("The address is empty.");
  });

  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().map((address) => `[${address}]`),
    fc.constant("localhost"),
  );
  const port = fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined });
  const segment = fc.oneof(
    fc.stringMatching(/^[a-z0-9._~-]{1,8}$/),
    fc.constantFrom("v1", "models", "chat", "completions", "health", "docs"),
  );
  const prefix = fc.array(segment, { maxLength: 4 }).map((parts) => parts.map((part) => `/${part}`).join(""));
  const address = fc
    .record({
      scheme: fc.constantFrom("http://", "https://", ""),
      host,
      port,
      prefix,
      end: fc.constantFrom("", "/", "/v1", "/v1/", "/v1/chat/completions", "//v1", "?a=b", "/v1#x"),
    })
    .map(
      (parts) =>
        `${parts.scheme}${parts.host}${parts.port === undefined ? "" : `:${parts.port}`}${parts.prefix}${parts.end}`,
    );

  test("ends in /v1 exactly once, and a second time changes nothing", () => {
    fc.assert(
      fc.property(address, (text) => {
        const once = normalizeBaseUrl(text);
        expect(once.apiRoot).toBe(`${once.serverRoot}/v1`);
        expect(once.serverRoot).not.toMatch(/\/v1$|\/$/);
        expect(normalizeBaseUrl(once.apiRoot)).toEqual(once);
        expect(URL.canParse(once.apiRoot)).toBe(true);
      }),
    );
  });

  test("keeps a prefix in front of /v1", () => {
    fc.assert(
      fc.property(
        host,
        port,
        fc.array(fc.stringMatching(/^[a-z0-9_-]{1,8}$/), { maxLength: 4 }),
        (name, number, parts) => {
          const path = parts
            .map((part) => `/${part}`)
            .join("")
            .replace(/(\/v1)+$/, "");
          const { serverRoot } = normalizeBaseUrl(
            `https://${name}${number === undefined ? "" : `:${number}`}${path}/v1/chat/completions`,
          );
          expect(new URL(serverRoot).pathname).toBe(path === "" ? "/" : path);
        },
      ),
    );
  });

  test("never throws anything but a VllmError", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          normalizeBaseUrl(text);
        } catch (error) {
          expect(error).toBeInstanceOf(VllmError);
        }
      }),
    );
  });
});

describe("an address of any size is read in linear time", () => {
  test.each([" ", '"', "'", ",", ";", "/", "/v1", "/chat", ":", "[", "1", "\u200b", "@", "?"])("%j", (atom) => {
    const read = (text: string) =>
      [text, `x${text}x`, `http://gpu:8000/${text}x`, `http://gpu:8000/${text}`].map((address) => {
        try {
          return normalizeBaseUrl(address);
        } catch (error) {
          return VllmError.isInstance(error);
        }
      });
    expect(growthOf(read, atom)).toBeLessThan(8);
  });
});
