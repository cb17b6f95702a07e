import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, createServer as createTcpServer, Socket, type AddressInfo, type Server as TcpServer } from "node:net";
import { createFetch } from "@vllm/transport";
import { VERSION } from "@vllm/schema/internal";
import { TEST_AUTHORITY, TEST_CERTIFICATE, TEST_KEY } from "@vllm-tooling/fake-vllm";
import { afterEach, describe, expect, test, vi } from "vitest";

const servers: TcpServer[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  for (const server of servers.splice(0)) {
    if ("closeAllConnections" in server) (server as Server).closeAllConnections();
    server.close();
  }
});

async function listen(server: TcpServer): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const tls = { ca: TEST_AUTHORITY };
const certificate = { key: TEST_KEY, cert: TEST_CERTIFICATE };

/** A proxy for everything, before a server that it alone knows. */
async function startProxy(targetPort: number, isTls: boolean) {
  const seen: string[] = [];
  const answer = (request: IncomingMessage) => {
    seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"]}`);
  };
  const proxy = (isTls ? createTlsServer(certificate) : createServer()) as Server;
  proxy.on("request", (request, response) => {
    answer(request);
    response.end("hello");
  });
  proxy.on("connect", (request: IncomingMessage, client: Socket) => {
    answer(request);
    const upstream = connect(targetPort, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    for (const end of [client, upstream])
      end.on("error", () => {}).on("close", () => (client.destroy(), upstream.destroy()));
  });
  return { seen, address: `${isTls ? "https" : "http"}://me:100%@localhost:${await listen(proxy)}` };
}

describe.each([
  ["http", "no proxy"],
  ["https", "no proxy"],
  ["http", "a proxy"],
  ["https", "a proxy"],
  ["http", "a proxy with TLS"],
  ["https", "a proxy with TLS"],
])("%s through %s", (scheme, way) => {
  test("answers, and keeps every connection alive with a probe a minute", async () => {
    const isTls = scheme === "https";
    const answerHello = (_request: IncomingMessage, response: { end(text: string): void }) => response.end("hello");
    const server = isTls ? createTlsServer(certificate, answerHello) : createServer(answerHello);
    const port = await listen(server as Server);
    const proxy = way === "no proxy" ? undefined : await startProxy(port, way.endsWith("TLS"));
    const setKeepAlive = vi.spyOn(Socket.prototype, "setKeepAlive");
    const fetch = createFetch({ tls, proxy: proxy?.address, environment: {} });
    const host = proxy === undefined ? `localhost:${port}` : "gpu.test";
    expect(await (await fetch(`${scheme}://${host}/v1`)).text()).toBe("hello");
    expect(setKeepAlive).toHaveBeenCalledWith(true, 60_000);
    const authorization = `Basic ${btoa("me:100%")}`;
    const asked = isTls ? "CONNECT gpu.test:443" : "GET http://gpu.test/v1";
    expect(proxy?.seen).toEqual(proxy && [`${asked} ${authorization}`]);
  });
});

test("an idle connection is closed after a while, also where the server keeps it", async () => {
  const server = createServer({ keepAliveTimeout: 0 }, (_request, response) => response.end("hello"));
  const port = await listen(server);
  const countConnections = () =>
    new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const fetch = createFetch({ environment: {} });
  await Promise.all([1, 2].map(async () => (await fetch(`http://127.0.0.1:${port}`)).text()));
  vi.advanceTimersByTime(3000);
  await (await fetch(`http://127.0.0.1:${port}`)).text();
  expect(await countConnections()).toBe(2);
  vi.advanceTimersByTime(2000);
  vi.useRealTimers();
  await expect.poll(countConnections).toBe(1);
});

test.each([
  ["our own HTTP", { environment: {} }],
  ["the runtime's fetch", { environment: { VLLM_TRANSPORT: "fetch" } }],
  ["a fetch of the caller's", { fetch: (input: string, init: RequestInit) => globalThis.fetch(input, init) }],
])("over %s a request says which client sends it, unless the caller does", async (_name, options) => {
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers["user-agent"]);
    response.end();
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  await createFetch(options)(url);
  await createFetch(options)(url, { headers: { "User-Agent": "mine/1" } });
  expect(seen).toEqual([`vllm-client/${VERSION}`, "mine/1"]);
});

describe("a connection that was idle, and turns out to be dead", () => {
  /** Answers the first request of every connection; what happens to the second one, the test says. */
  async function startServer(onSecond: (socket: Socket) => void) {
    const sockets: Socket[] = [];
    let requests = 0;
    const port = await listen(
      createTcpServer((socket) => {
        sockets.push(socket);
        let own = 0;
        socket.on("error", () => {});
        socket.on("data", () => {
          requests += 1;
          own += 1;
          if (own === 1) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
          else onSecond(socket);
        });
      }),
    );
    const fetch = createFetch({ environment: {} });
    const send = async (method: string) =>
      (
        await fetch(`http://127.0.0.1:${port}/v1/files`, { method, ...(method === "POST" ? { body: "x" } : {}) })
      ).text();
    return { sockets, send, countRequests: () => requests };
  }

  test.each(["POST", "GET"])("was closed before: %s is sent again", async (method) => {
    const { sockets, send, countRequests } = await startServer(() => {});
    expect(await send(method)).toBe("ok");
    // Nothing of it has been seen here when the next request is sent.
    sockets[0]?.destroy();
    expect(await send(method)).toBe("ok");
    expect([sockets.length, countRequests()]).toEqual([2, 2]);
  });

  test.each(["end", "destroy"] as const)(
    "is closed once the request was read (%s): it is not sent again",
    async (how) => {
      const { sockets, send, countRequests } = await startServer((socket) => socket[how]());
      expect(await send("POST")).toBe("ok");
      const error = await send("POST").catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ message: "fetch failed", cause: { code: "SERVER_UNREACHABLE", reason: "reset" } });
      expect([sockets.length, countRequests()]).toEqual([1, 2]);
    },
  );

  test("the same for GET, which changes nothing: it is sent again", async () => {
    const { sockets, send } = await startServer((socket) => socket.destroy());
    expect(await send("GET")).toBe("ok");
    expect(await send("GET")).toBe("ok");
    expect(sockets).toHaveLength(2);
  });
});
