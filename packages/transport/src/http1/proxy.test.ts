import { describe, expect, test } from "vitest";
import { findProxy } from "./proxy.ts";

const find = (target: string, environment: Record<string, string>) => findProxy(new URL(target), environment);

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

  test("reads what people write", () => {
    expect(find("http://gpu", { http_proxy: "proxy:8080" })).toMatchObject({ host: "proxy", port: 8080 });
    expect(find("http://gpu", { http_proxy: "https://proxy" })).toMatchObject({ port: 443, isTls: true });
    expect(find("http://gpu", { http_proxy: "http://[::2]:81" })).toMatchObject({ host: "::2", port: 81 });
    expect(find("http://gpu", { http_proxy: "http://us%40er:p%3Aw@proxy" })?.authorization).toBe(
      `Basic ${btoa("us@er:p:w")}`,
    );
    expect(find("http://gpu", { http_proxy: "http://user:100%@proxy" })?.authorization).toBe(
      `Basic ${btoa("user:100%")}`,
    );
    expect(find("http://gpu", { http_proxy: "socks5://proxy" })).toBeUndefined();
    expect(find("http://gpu", { http_proxy: "http://" })).toBeUndefined();
  });

  test.each([
    "http://localhost:8000",
    "http://127.0.0.1:8000",
    "http://127.8.0.1",
    "http://[::1]:8000",
    "http://a.localhost",
  ])("never sends %s through one", (target) =>
    expect(find(target, { http_proxy: "http://proxy:3128" })).toBeUndefined(),
  );

  test("does not take a name that only looks like loopback for it", () => {
    expect(find("http://127.0.0.1.example.com", { http_proxy: "http://proxy" })).toBeDefined();
    expect(find("http://notlocalhost", { http_proxy: "http://proxy" })).toBeDefined();
  });

  test.each([
    ["gpu", "http://gpu:8000", true],
    ["gpu", "http://node1.gpu:8000", true],
    [".corp.example", "http://gpu.corp.example", true],
    [".corp.example", "http://corp.example", true],
    ["*.corp.example", "http://gpu.corp.example", true],
    ["corp.example", "http://notcorp.example", false],
    ["gpu:8000", "http://gpu:8000", true],
    ["gpu:8000", "http://gpu:9000", false],
    ["gpu:80", "http://gpu", true],
    ["10.0.0.5", "http://10.0.0.5:8000", true],
    ["10.0.0.5", "http://10.0.0.50:8000", false],
    ["fd00::5", "http://[fd00::5]:8000", true],
    ["[fd00::5]:8000", "http://[fd00::5]:8000", true],
    ["a, gpu ,b", "http://gpu", true],
    ["a gpu", "http://gpu", true],
    ["GPU", "http://gpu", true],
    ["*", "http://anything", true],
    ["", "http://gpu", false],
  ])("NO_PROXY=%s and %s: exempt %s", (list, target, isExempt) => {
    const found = find(target, { http_proxy: "http://proxy", NO_PROXY: list });
    expect(found === undefined).toBe(isExempt);
  });
});
