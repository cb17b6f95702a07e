import { describe, expect, test } from "vitest";
import { createFailing } from "./failing.ts";
import { toReceivedRequest } from "./received-request.ts";

const request = (path: string, method = "POST") => toReceivedRequest({ method, path, headers: {}, bodyText: "" });
const chat = request("/v1/chat/completions");

describe("createFailing", () => {
  test("nothing fails by default", () => {
    expect(createFailing(undefined).next(chat)).toBeUndefined();
  });

  test("a kind alone fails every chat and nothing else", () => {
    const failing = createFailing("stall");
    expect(failing.next(chat)).toEqual({ kind: "stall" });
    expect(failing.next(chat)).toEqual({ kind: "stall" });
    expect(failing.next(request("/v1/models"))).toBeUndefined();
    expect(failing.next(request("/v1/chat/completions", "GET"))).toBeUndefined();
  });

  test("counts only the requests that it fails", () => {
    const failing = createFailing({ kind: "stall", times: 1, paths: /models/ });
    expect(failing.next(chat)).toBeUndefined();
    expect(failing.next(request("/v1/models"))?.kind).toBe("stall");
    expect(failing.next(request("/v1/models"))).toBeUndefined();
  });

  test("setting it again starts the count anew", () => {
    const failing = createFailing({ kind: "stall", times: 1 });
    failing.next(chat);
    failing.set({ kind: "drip", times: 1 });
    expect(failing.next(chat)?.kind).toBe("drip");
    failing.set(undefined);
    expect(failing.next(chat)).toBeUndefined();
  });
});
