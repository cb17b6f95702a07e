import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createVllmClient, type VllmClientOptions } from "@vllm/client";
import { afterEach, describe, expect, test } from "vitest";

let server: Server | undefined;
afterEach(() => void server?.close());

/** nginx with `auth_basic` before a server; what it answers, and how often it was asked. */
async function startServer(status: number, headers: Record<string, string> = {}, body = "<html></html>") {
  let asked = 0;
  const started = createServer((request, response) => {
    asked += 1;
    request.resume();
    if (request.headers.authorization === `Basic ${btoa("ann:p@ss")}`) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Hello"}}]}');
    } else response.writeHead(status, { "content-type": "text/html", ...headers }).end(body);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return { host: `127.0.0.1:${(started.address() as AddressInfo).port}`, countRequests: () => asked };
}

const ask = (options: VllmClientOptions) =>
  createVllmClient({ model: "m", ...options }).complete({ messages: [{ role: "user", content: "hi" }] });

const BASIC = { "www-authenticate": 'Basic realm="gpu"' };

describe("a proxy with user names and passwords in front", () => {
  test("they are taken from the address", async () => {
    const { host } = await startServer(401, BASIC);
    expect((await ask({ baseUrl: `http://ann:p%40ss@${host}`, apiKey: "" })).text).toBe("Hello");
  });

  test.each<[string, (host: string) => VllmClientOptions, RegExp]>([
    ["none were sent", (host) => ({ baseUrl: `http://${host}`, apiKey: "" }), /Put them into the address/],
    ["a key was sent", (host) => ({ baseUrl: `http://${host}`, apiKey: "sk-1" }), /Authorization header was refused/],
    [
      "the key won",
      (host) => ({ baseUrl: `http://ann:p%40ss@${host}`, apiKey: "sk-1" }),
      /were not sent: the API key takes/,
    ],
    [
      "a header won",
      (host) => ({ baseUrl: `http://ann:p%40ss@${host}`, apiKey: "", headers: { Authorization: "Bearer sk-1" } }),
      /were not sent: the API key takes/,
    ],
  ])("%s", async (_, options, hint) => {
    const { host, countRequests } = await startServer(401, BASIC);
    await expect(ask(options(host))).rejects.toMatchObject({
      code: "AUTHENTICATION_FAILED",
      reason: "proxy",
      hint: expect.stringMatching(hint),
    });
    expect(countRequests()).toBe(1);
  });
});

test.each([
  [499, 1],
  [504, 1],
  [520, 1],
  [521, 3],
  [522, 3],
  [523, 3],
  [524, 1],
  [525, 3],
  [526, 3],
  [530, 3],
])("a proxy's %i: the request is sent %i times", async (status, requests) => {
  const { host, countRequests } = await startServer(status, { "retry-after": "0" });
  await expect(ask({ baseUrl: `http://${host}`, apiKey: "" })).rejects.toMatchObject({ status });
  expect(countRequests()).toBe(requests);
});
