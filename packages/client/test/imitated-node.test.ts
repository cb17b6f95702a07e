import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createVllmClient } from "@vllm/client";
import { afterEach, describe, expect, test, vi } from "vitest";

describe("a client on a runtime that imitates Node", () => {
  afterEach(() => void vi.unstubAllGlobals());

  test.each([
    ["navigator", { userAgent: "Cloudflare-Workers" }],
    ["EdgeRuntime", "edge-runtime"],
  ])("asks through fetch, with %s", async (name, value) => {
    const ways: string[] = [];
    const server = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { fetch } = globalThis;
    vi.stubGlobal("fetch", (...given: Parameters<typeof fetch>) => {
      ways.push("fetch");
      return fetch(...given);
    });
    const ask = () => createVllmClient({ baseUrl, model: "m" }).complete({ messages: [], stream: false });
    expect((await ask()).text).toBe("Hello");
    expect(ways).toEqual([]);
    vi.stubGlobal(name, value);
    expect((await ask()).text).toBe("Hello");
    expect(ways).toEqual(["fetch"]);
    server.closeAllConnections();
    server.close();
  });
});
