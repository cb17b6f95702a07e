import { describe, expect, test } from "vitest";
import { findProxy } from "./proxy.ts";

const find = (target: string, environment: Record<string, string>, proxy?: string | false) =>
  findProxy(new URL(target), { proxy, environment });

describe("findProxy", () => {
  test("takes the variable of the target's scheme, lower case first", () => {
    expect(find("http://gpu:8000", { HTTP_PROXY: "http://proxy:3128" })).toEqual({
      host: "proxy",
      port: 3128,
      isTls: false,
      authorization: undefined,
    });
    expect(find("https://gpu", { HTTP_PROXY: "http://proxy:3128" })).toBeUndefined();
    expect(find("https://gpu", { https_proxy: "http://a", HTTPS_PROXY: "http://b" })).toMatchObject({
      host: "a",
      port: 80,
    });
    expect(find("http://gpu", { http_proxy: "", HTTP_PROXY: "http://b" })).toMatchObject({ host: "b" });
  });

  test.each([
    ["http://gpu", { ALL_PROXY: "http://all" }, "all"],
    ["https://gpu", { all_proxy: "http://all" }, "all"],
    ["https://gpu", { all_proxy: "http://lower", ALL_PROXY: "http://upper" }, "lower"],
    ["http://gpu", { ALL_PROXY: "http://all", HTTP_PROXY: "http://own" }, "own"],
    ["https://gpu", { all_proxy: "http://all", HTTPS_PROXY: "http://own" }, "own"],
    ["https://gpu", { ALL_PROXY: "http://all", HTTP_PROXY: "http://own" }, "all"],
    ["http://gpu", { ALL_PROXY: "http://all", http_proxy: " " }, "all"],
    ["http://gpu", { ALL_PROXY: "http://all", NO_PROXY: "gpu" }, undefined],
  ])("asks ALL_PROXY where the scheme has no variable of its own: %s %j", (target, environment, host) =>
    expect(find(target, environment as Record<string, string>)?.host).toBe(host),
  );

  test("reads what people write", () => {
    expect(find("http://gpu", { http_proxy: "proxy:8080" })).toMatchObject({ host: "proxy", port: 8080 });
    expect(find("http://gpu", { http_proxy: "  proxy:8080 " })).toMatchObject({ host: "proxy", port: 8080 });
    expect(find("http://gpu", { http_proxy: "https://proxy" })).toMatchObject({ port: 443, isTls: true });
    expect(find("http://gpu", { http_proxy: "HTTPS://proxy:8443/" })).toMatchObject({ port: 8443, isTls: true });
    expect(find("http://gpu", { http_proxy: "http://[::2]:81" })).toMatchObject({ host: "::2", port: 81 });
    expect(find("http://gpu", { http_proxy: "http://us%40er:p%3Aw@proxy" })?.authorization).toBe(
      `Basic ${btoa("us@er:p:w")}`,
    );
    expect(find("http://gpu", { http_proxy: "http://user:100%@proxy" })?.authorization).toBe(
      `Basic ${btoa("user:100%")}`,
    );
    expect(find("http://gpu", { http_proxy: "user:100%@proxy:81" })).toMatchObject({
      host: "proxy",
      authorization: `Basic ${btoa("user:100%")}`,
    });
  });

  test.each([
    ["http_proxy", "socks5://proxy:1080", "SOCKS"],
    ["HTTP_PROXY", "socks5h://me:secret@proxy", "SOCKS"],
    ["ALL_PROXY", "socks4://proxy", "SOCKS"],
    ["all_proxy", "SOCKS4A://proxy", "SOCKS"],
    ["HTTP_PROXY", "socks://proxy", "SOCKS"],
    ["HTTP_PROXY", "ftp://proxy", "ftp://"],
    ["HTTP_PROXY", "http://", "not the address"],
    ["ALL_PROXY", "http://me:secret@proxy:99999", "not the address"],
  ])("an unusable %s=%s is an error that names the variable", (name, value, problem) => {
    expect(() => find("http://gpu:8000/v1", { [name]: value })).toThrow(
      expect.objectContaining({
        code: "SERVER_UNREACHABLE",
        reason: "proxy",
        isRetryable: false,
        message: expect.stringMatching(new RegExp(`^The variable ${name} .*${problem}`)),
        hint: expect.stringContaining("NO_PROXY"),
        url: "http://gpu:8000",
      }),
    );
    expect(() => find("http://gpu:8000/v1", { [name]: value })).not.toThrow(/secret/);
    // What is not asked through it does not complain about it.
    expect(find("http://gpu:8000", { [name]: value, NO_PROXY: "gpu" })).toBeUndefined();
    expect(find("http://127.0.0.1:8000", { [name]: value })).toBeUndefined();
  });

  test.each([
    "http://localhost:8000",
    "http://LOCALHOST",
    "http://localhost.:8000",
    "http://127.0.0.1:8000",
    "http://127.8.0.1",
    "http://127.1",
    "http://0x7f000001:8000",
    "http://[::1]:8000",
    "http://[::ffff:127.0.0.1]:8000",
    "http://a.localhost",
    "http://0.0.0.0:8000",
    "http://0:8000",
    "http://[::]:8000",
    "http://[::ffff:0.0.0.0]:8000",
    "https://127.0.0.1:8000",
  ])("never sends %s through one", (target) => {
    const environment = { http_proxy: "http://proxy:3128", https_proxy: "http://proxy", ALL_PROXY: "http://proxy" };
    expect(find(target, environment)).toBeUndefined();
    expect(find(target, {}, "http://proxy")).toBeUndefined();
  });

  test("does not take a name that only looks like loopback for it", () => {
    for (const target of [
      "127.0.0.1.example.com",
      "notlocalhost",
      "localhost.example",
      "0.0.0.1",
      "[::2]",
      "128.0.0.1",
    ])
      expect(find(`http://${target}`, { http_proxy: "http://proxy" }), target).toBeDefined();
  });

  test.each([
    ["gpu", "http://gpu:8000", true],
    ["gpu", "http://node1.gpu:8000", true],
    [".corp.example", "http://gpu.corp.example", true],
    [".corp.example", "http://corp.example", true],
    ["*.corp.example", "http://gpu.corp.example", true],
    ["corp.example", "http://notcorp.example", false],
    ["corp.example.", "http://gpu.corp.example", true],
    ["corp.example", "http://gpu.corp.example.", true],
    ["gpu:8000", "http://gpu:8000", true],
    ["gpu:8000", "http://gpu:9000", false],
    ["gpu:80", "http://gpu", true],
    ["gpu:443", "https://gpu", true],
    ["gpu:443", "http://gpu", false],
    ["10.0.0.5", "http://10.0.0.5:8000", true],
    ["10.0.0.5:8000", "http://10.0.0.5:8000", true],
    ["10.0.0.5:9000", "http://10.0.0.5:8000", false],
    ["10.0.0.5", "http://10.0.0.50:8000", false],
    ["0.0.5", "http://10.0.0.5", false],
    ["10.0.0.5", "http://[::ffff:10.0.0.5]", true],
    ["::ffff:10.0.0.5", "http://10.0.0.5", true],
    ["fd00::5", "http://[fd00::5]:8000", true],
    ["fd00:0:0::5", "http://[fd00::5]:8000", true],
    ["FD00::5", "http://[fd00::5]", true],
    ["[fd00::5]", "http://[fd00::5]:8000", true],
    ["[fd00::5]:8000", "http://[fd00::5]:8000", true],
    ["[fd00::5]:9000", "http://[fd00::5]:8000", false],
    ["10.0.0.0/8", "http://10.20.30.40:8000", true],
    ["10.20.30.40/8", "http://10.0.0.1", true],
    ["10.0.0.0/8", "http://11.0.0.1", false],
    ["10.0.0.0/8", "http://[::ffff:10.0.0.5]", true],
    ["192.168.16.0/20", "http://192.168.31.255", true],
    ["192.168.16.0/20", "http://192.168.32.0", false],
    ["10.0.0.5/32", "http://10.0.0.5", true],
    ["0.0.0.0/0", "http://203.0.113.1", true],
    ["fd00::/8", "http://[fd12:3456::1]:8000", true],
    ["[fd00::]/8", "http://[fd12::1]", true],
    ["[fd00::/8]", "http://[fd12::1]", true],
    ["fd00::/8", "http://[fe80::1]", false],
    ["::ffff:10.0.0.0/104", "http://10.1.2.3", true],
    ["10.0.0.0/8", "http://10.example", false],
    ["10.0.0.0/33", "http://10.0.0.0", false],
    ["fd00::/129", "http://[fd00::]", false],
    ["10.0.0.0/", "http://10.0.0.0", false],
    ["gpu/8", "http://gpu", false],
    ["müller.example", "http://xn--mller-kva.example", true],
    ["a, gpu ,b", "http://gpu", true],
    ["a gpu", "http://gpu", true],
    ["a\tgpu,,", "http://gpu", true],
    ["GPU", "http://gpu", true],
    ["*", "http://anything", true],
    ["*", "http://[fd00::5]", true],
    ["a,*", "http://anything", true],
    ["http://gpu", "http://gpu", false],
    [".", "http://gpu", false],
    [":8000", "http://gpu:8000", false],
    ["", "http://gpu", false],
  ])("NO_PROXY=%s and %s: exempt %s", (list, target, isExempt) => {
    for (const name of ["NO_PROXY", "no_proxy"]) {
      const found = find(target, { http_proxy: "http://proxy", HTTPS_PROXY: "http://proxy", [name]: list });
      expect(found === undefined).toBe(isExempt);
    }
  });

  test("no_proxy in lower case wins, as every variable", () => {
    const environment = { http_proxy: "http://proxy", no_proxy: "gpu", NO_PROXY: "other" };
    expect(find("http://gpu", environment)).toBeUndefined();
    expect(find("http://other", environment)).toBeDefined();
  });

  test("the option replaces the variables", () => {
    const environment = { HTTP_PROXY: "http://variable", NO_PROXY: "gpu" };
    expect(find("http://other", environment, false)).toBeUndefined();
    expect(find("http://gpu", environment, "https://me:100%@option:8443")).toEqual({
      host: "option",
      port: 8443,
      isTls: true,
      authorization: `Basic ${btoa("me:100%")}`,
    });
    expect(() => find("http://gpu", {}, "socks5://me:secret@proxy")).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("proxy names a SOCKS proxy"),
      }),
    );
  });
});
