import { once } from "node:events";
import { request } from "node:http";
import { request as secureRequest } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { createServer } from "node:net";
import { createServer as createSecureServer } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import type { UnreachableReason, VllmErrorCode } from "../core.ts";
import { errorFromNetwork, VllmError } from "../core.ts";

const servers: Server[] = [];

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

/** What a server does with a connection once the request has arrived. */
const BEHAVIOURS = {
  "closes at once": () => createServer((socket) => socket.destroy()),
  "closes without an answer": () =>
    createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end())),
  resets: () => createServer((socket) => socket.on("error", () => {}).once("data", () => socket.resetAndDestroy())),
  "talks nonsense": () =>
    createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end("what?\r\n\r\n"))),
  "speaks TLS": () => createSecureServer({}).on("tlsClientError", () => {}) as Server,
  "stays silent": () => createServer((socket) => socket.on("error", () => {}).unref()),
} satisfies Record<string, () => Server>;

async function failureOf(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

function byNodeHttp(url: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ask = url.startsWith("https:") ? secureRequest : request;
    ask(url, { rejectUnauthorized: false }, resolve).on("error", reject).end();
  });
}

describe("against real sockets, by fetch and by node:http", () => {
  const transports = [
    ["fetch", (url: string) => fetch(url)],
    ["node:http", byNodeHttp],
  ] as const;

  describe.each(transports)("%s", (_, send) => {
    test("nothing listens", async () => {
      const url = `http://127.0.0.1:${await closedPort()}/v1/models`;
      const error = errorFromNetwork(await failureOf(() => send(url)), { url });
      expect(error).toMatchObject({ code: "SERVER_UNREACHABLE", reason: "refused", isRetryable: true, url });
      expect(error.message).toBe(`Nothing listens at ${new URL(url).host}: the connection was refused (${url}).`);
      expect(error.hint).toContain("vLLM refuses connections until the model is loaded");
    });

    test("localhost, which may be two addresses", async () => {
      const url = `http://localhost:${await closedPort()}/v1`;
      expect(errorFromNetwork(await failureOf(() => send(url)), { url })).toMatchObject({ reason: "refused" });
    });

    test("a name that is none", async () => {
      const url = "http://no-such-host.invalid/v1";
      const error = errorFromNetwork(await failureOf(() => send(url)), { url });
      expect(error).toMatchObject({ code: "SERVER_UNREACHABLE", reason: "dns" });
      expect(error.message).toMatch(
        /^The name in http:\/\/no-such-host\.invalid\/v1 cannot be resolved \((ENOTFOUND|EAI_AGAIN)\)\.$/,
      );
    });

    test.each<[keyof typeof BEHAVIOURS, "http" | "https", UnreachableReason, RegExp]>([
      ["closes at once", "http", "reset", /closed the connection without an answer/],
      ["closes without an answer", "http", "reset", /closed the connection without an answer/],
      ["resets", "http", "reset", /closed the connection without an answer \(ECONNRESET\)/],
      ["speaks TLS", "http", "reset", /closed the connection/],
      ["talks nonsense", "http", "other", /does not speak HTTP/],
      ["talks nonsense", "https", "tls", /The TLS connection to .* failed/],
      ["speaks TLS", "https", "tls", /The TLS connection to .* failed/],
    ])("a server that %s, asked by %s", async (behaviour, scheme, reason, message) => {
      const url = `${scheme}://127.0.0.1:${await listen(BEHAVIOURS[behaviour]())}/v1`;
      const error = errorFromNetwork(await failureOf(() => send(url)), { url });
      expect(error).toMatchObject({ code: "SERVER_UNREACHABLE", reason, url });
      expect(error.message).toMatch(message);
    });
  });

  test("fetch's own limit and a caller's abort are told apart from a server that is not there", async () => {
    const url = `http://127.0.0.1:${await listen(BEHAVIOURS["stays silent"]())}/v1`;
    const limit = await failureOf(() => fetch(url, { signal: AbortSignal.timeout(30) }));
    expect(errorFromNetwork(limit, { url })).toMatchObject({ code: "REQUEST_TIMEOUT", isRetryable: true });
    const abort = await failureOf(() => fetch(url, { signal: AbortSignal.abort() }));
    expect(errorFromNetwork(abort, { url })).toMatchObject({ code: "ABORTED", isRetryable: false });
  });

  test("fetch blocks some ports", async () => {
    const url = "http://127.0.0.1:6000/v1";
    expect(errorFromNetwork(await failureOf(() => fetch(url)), { url })).toMatchObject({
      code: "SERVER_UNREACHABLE",
      reason: "other",
      isRetryable: false,
      message: `fetch refuses to use the port of ${url}.`,
    });
  });

  test("fetch takes no credentials in an address", async () => {
    const url = "http://user:secret@127.0.0.1/v1";
    const error = errorFromNetwork(await failureOf(() => fetch(url)), { url });
    expect(error.message).toBe("fetch does not take a user name and password in an address (http://127.0.0.1/v1).");
    expect(error.hint).toContain("authorization");
  });
});

describe("by system code", () => {
  test.each<[string, UnreachableReason, boolean, RegExp]>([
    ["ECONNREFUSED", "refused", true, /vllm serve/],
    ["ENOTFOUND", "dns", false, /spelling/],
    ["EAI_AGAIN", "dns", true, /spelling/],
    ["ETIMEDOUT", "timeout", true, /--host 0\.0\.0\.0/],
    ["UND_ERR_CONNECT_TIMEOUT", "timeout", true, /firewall/],
    ["ERR_SOCKET_CONNECTION_TIMEOUT", "timeout", true, /firewall/],
    ["EHOSTUNREACH", "timeout", true, /firewall/],
    ["ENETUNREACH", "timeout", true, /firewall/],
    ["ECONNRESET", "reset", true, /server's log/],
    ["EPIPE", "reset", true, /server's log/],
    ["UND_ERR_SOCKET", "reset", true, /server's log/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls", false, /NODE_EXTRA_CA_CERTS/],
    ["SELF_SIGNED_CERT_IN_CHAIN", "tls", false, /@vllm\/client also takes the CA as tls\.ca/],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls", false, /tls\.ca/],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "tls", false, /--use-system-ca/],
    ["CERT_HAS_EXPIRED", "tls", false, /renew it/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "tls", false, /@vllm\/client also takes it as tls\.servername/],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls", false, /use http:\/\//],
    ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "tls", false, /use http:\/\//],
    ["ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", "tls", false, /look at its log/],
    ["EPROTO", "tls", false, /look at its log/],
    ["HPE_INVALID_CONSTANT", "other", false, /https:\/\/ against http:\/\//],
    ["HPE_INVALID_VERSION", "other", false, /https:\/\/ against http:\/\//],
    ["HPE_INVALID_HEADER_TOKEN", "other", false, /control character.*curl -v/],
    ["HPE_UNEXPECTED_CONTENT_LENGTH", "other", false, /more than one length/],
    ["HPE_STRICT", "other", false, /not what HTTP\/1\.1 allows/],
    ["ERR_PROXY_INVALID_CONFIG", "proxy", true, /NO_PROXY/],
    ["UND_ERR_PRX_TLS", "proxy", true, /NO_PROXY/],
    ["ESOMETHING_NEW", "other", true, /is running/],
  ])("%s", (code, reason, isRetryable, hint) => {
    for (const cause of [
      Object.assign(new Error("x"), { code }),
      new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code }) }),
      new TypeError("fetch failed", { cause: new AggregateError([Object.assign(new Error("x"), { code })]) }),
      new Error("ky", { cause: new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code }) }) }),
    ]) {
      const error = errorFromNetwork(cause, { url: "https://gpu:8000/v1" });
      expect(error).toMatchObject({ code: "SERVER_UNREACHABLE", reason, isRetryable, url: "https://gpu:8000/v1" });
      expect(error.hint).toMatch(hint);
      expect(error.message).toMatch(/gpu:8000/);
      expect(error.cause).toBe(cause);
    }
  });

  test.each<[string, VllmErrorCode]>([
    ["UND_ERR_HEADERS_TIMEOUT", "REQUEST_TIMEOUT"],
    ["UND_ERR_BODY_TIMEOUT", "REQUEST_TIMEOUT"],
  ])("%s is a time limit", (code, expected) => {
    const cause = new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code }) });
    expect(errorFromNetwork(cause, { url: "http://gpu" }).code).toBe(expected);
  });

  test.each(["UND_ERR_HEADERS_OVERFLOW", "HPE_HEADER_OVERFLOW"])("%s is a head that is too large", (code) => {
    const cause = new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code }) });
    expect(errorFromNetwork(cause, { url: "http://gpu" })).toMatchObject({
      code: "RESPONSE_TOO_LARGE",
      hint: expect.stringContaining("--max-http-header-size"),
    });
  });

  test.each([
    [407, false, /requires a user name and password \(407\)/, /HTTPS_PROXY \(http:\/\/user:password@proxy:port\)/],
    [403, false, /does not let requests through to it \(403\)/, /allow this host and port/],
    [502, true, /could not reach it \(502\)/, /server runs/],
  ])("a proxy that answers %i instead of opening a tunnel", (status, isRetryable, said, hint) => {
    for (const cause of [
      Object.assign(new Error("the proxy refused the tunnel"), { code: "ERR_PROXY_TUNNEL", status }),
      new TypeError("fetch failed", { cause: new Error(`Proxy response (${status}) !== 200 when HTTP Tunneling`) }),
    ]) {
      const error = errorFromNetwork(cause, { url: "https://gpu:8000/v1" });
      expect(error).toMatchObject({ code: "SERVER_UNREACHABLE", reason: "proxy", isRetryable });
      expect(error.message).toMatch(said);
      expect(error.hint).toMatch(hint);
    }
  });

  test("a proxy that does not open the tunnel, which undici calls an abort", () => {
    const inner = Object.assign(new Error("Proxy response (407) !== 200 when HTTP Tunneling"), {
      name: "AbortError",
      code: "UND_ERR_ABORTED",
    });
    for (const cause of [inner, new TypeError("fetch failed", { cause: inner })]) {
      expect(errorFromNetwork(cause, { url: "http://gpu" })).toMatchObject({
        code: "SERVER_UNREACHABLE",
        reason: "proxy",
      });
    }
  });
});

describe("runtimes that tell it in words only", () => {
  test.each<[string, UnreachableReason, RegExp]>([
    [
      "error sending request for url (http://gpu:8000/v1): client error (Connect): tcp connect error: Connection refused (os error 111)",
      "refused",
      /vllm serve/,
    ],
    [
      "error sending request for url (http://gpu:8000/v1): client error (Connect): dns error: failed to lookup address information: Name or service not known",
      "dns",
      /spelling/,
    ],
    ["Connection reset by peer (os error 104)", "reset", /server's log/],
    ["error reading a body from connection", "reset", /server's log/],
    [
      "error sending request from 127.0.0.1:51810 for http://gpu:8000/ (10.0.0.1:8000): client error (SendRequest): connection closed before message completed",
      "reset",
      /server's log/,
    ],
    [
      "error sending request from 127.0.0.1:46394 for http://gpu:8000/ (10.0.0.1:8000): client error (SendRequest): invalid HTTP version parsed",
      "other",
      /https:\/\/ against http:\/\//,
    ],
    [
      "error sending request for url (https://gpu:8000/): client error (Connect): invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
      "tls",
      /tls\.ca/,
    ],
    [
      "error sending request for url (https://gpu:8000/): client error (Connect): received corrupt message of type InvalidContentType",
      "tls",
      /use http:\/\//,
    ],
  ])("Deno 2.9: %s", (words, reason, hint) => {
    const error = errorFromNetwork(new TypeError("fetch failed", { cause: new Error(words) }), {
      url: "https://gpu:8000/v1",
    });
    expect(error).toMatchObject({ code: "SERVER_UNREACHABLE", reason });
    expect(error.hint).toMatch(hint);
  });

  test.each(["Failed to fetch", "NetworkError when attempting to fetch resource.", "Load failed"])(
    "a browser: %s",
    (words) => {
      const error = errorFromNetwork(new TypeError(words), { url: "http://gpu:8000/v1" });
      expect(error).toMatchObject({ code: "SERVER_UNREACHABLE", reason: "other", isRetryable: true });
      expect(error.message).toBe("No answer came from http://gpu:8000/v1; a browser does not tell why.");
      expect(error.hint).toContain("--allowed-origins");
    },
  );

  test("the same words of anyone else are not read", () => {
    const cause = new Error("connection refused by policy");
    expect(errorFromNetwork(cause, { url: "http://gpu" }).reason).toBe("other");
  });
});

describe("anything else", () => {
  test("a VllmError is given back as it is", () => {
    const error = new VllmError({ code: "ABORTED", message: "m", hint: "h" });
    expect(errorFromNetwork(error, { url: "http://gpu" })).toBe(error);
    const failed = new TypeError("fetch failed", { cause: error });
    expect(errorFromNetwork(failed, { url: "http://gpu" })).toBe(error);
    expect(errorFromNetwork(new Error("ky", { cause: failed }), { url: "http://gpu" })).toBe(error);
  });

  test.each([
    [undefined],
    [null],
    ["text"],
    [5],
    [{}],
    [new Error("x")],
    [{ code: 5 }],
    [{ code: "no code" }],
    [{ cause: "x" }],
  ])("%j", (cause) => {
    expect(errorFromNetwork(cause, { url: "http://gpu/v1" })).toMatchObject({
      code: "SERVER_UNREACHABLE",
      reason: "other",
      message: "No answer came from http://gpu/v1.",
    });
  });

  test("causes in a circle end", () => {
    const cause: { cause?: unknown } = {};
    cause.cause = { cause };
    expect(errorFromNetwork(cause, { url: "http://gpu" }).reason).toBe("other");
  });

  test("an address that is none", () => {
    expect(errorFromNetwork({ code: "ECONNREFUSED" }, { url: "user:secret@gpu" }).message).toBe(
      "Nothing listens at gpu: the connection was refused (gpu).",
    );
  });
});
