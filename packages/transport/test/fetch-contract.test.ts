import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { createFetch } from "@vllm/transport";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

type Fetch = typeof globalThis.fetch;

let server: Server;
let root: string;
/** Nothing listens there. */
let closed: string;

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response));
  root = await listen(server);
  const gone = createServer();
  closed = await listen(gone);
  gone.close();
  await once(gone, "close");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function listen(listening: Server): Promise<string> {
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

/** By path: repeats the request, or misbehaves. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", root);
  const [, kind = "", status = ""] = url.pathname.split("/");
  switch (kind) {
    case "redirect": {
      const to = url.searchParams.get("to");
      response.writeHead(Number(status), to === null ? {} : { location: to }).end("moved");
      return;
    }
    case "status":
      response.writeHead(Number(status), "Of Its Own", { "x-a": "1", "set-cookie": ["a=1", "b=2"] });
      response.end();
      return;
    case "silent":
      return;
    case "begins":
      response.write("one");
      return;
    case "drops":
      request.socket.destroy();
      return;
    case "breaks":
      response.writeHead(200, { "content-length": "10" });
      response.write("one", () => request.socket.destroy());
      return;
    case "gzip":
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("unpacked"));
      return;
    default: {
      const { "content-type": type, "x-a": a, "content-length": length } = request.headers;
      const body = (await text(request)).replaceAll(/-+[\w-]*formdata-[\w-]+/gi, "BOUNDARY");
      const echo = { method: request.method, path: request.url, type: type?.replace(/boundary=.*/, ""), a, body };
      const isWhole = length === undefined || body.includes("BOUNDARY") || Number(length) === Buffer.byteLength(body);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ ...echo, isWhole }));
    }
  }
}

/** What a caller sees: the answer, or the error with what is in it. */
async function verdictOf(run: (fetch: Fetch) => Promise<unknown>, fetch: Fetch): Promise<unknown> {
  try {
    const value = await run(fetch);
    if (!(value instanceof Response)) return value;
    const { status, statusText, ok, redirected, type, bodyUsed, body } = value;
    const at = new URL(value.url).pathname + new URL(value.url).search;
    const hasBody = body !== null;
    const cookies = value.headers.getSetCookie();
    return {
      status,
      statusText,
      ok,
      redirected,
      bodyUsed,
      hasBody,
      at,
      cookies,
      kind: typeof type,
      text: await value.text(),
    };
  } catch (error) {
    if (!(error instanceof Error)) return { thrown: error };
    // Node words its own refusals of arguments as it likes.
    return { name: error.name, failed: error.message === "fetch failed" || error.message === "terminated" };
  }
}

const form = () => {
  const data = new FormData();
  data.set("field", "value é");
  data.set("file", new File(["content"], "a.txt", { type: "text/plain" }));
  return data;
};
const streamOf = (...pieces: string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
const post = (body: BodyInit, more: RequestInit = {}) => ({ method: "POST", body, ...more });
const WITH_BODY: RequestInit = { body: "x" };
const REASON = { why: "a reason of the caller's own" };

const cases: Record<string, (fetch: Fetch) => Promise<unknown>> = {
  "a string": (fetch) => fetch(`${root}/echo?x=1#hash`),
  "a URL": (fetch) => fetch(new URL("/echo", root)),
  "a Request": (fetch) => fetch(new Request(`${root}/echo`, post("hello", { headers: { "x-a": "1" } }))),
  "a Request and options": (fetch) =>
    fetch(new Request(`${root}/echo`, post("hello", { headers: { "x-a": "1" } })), { method: "PUT", body: "other" }),
  "a Request whose body was read": async (fetch) => {
    const request = new Request(`${root}/echo`, post("hello"));
    await request.text();
    return fetch(request);
  },
  "a path with what URLs encode": (fetch) => fetch(`${root}/echo/ä b/../c?q=ü"`),
  "a method in lower case": (fetch) => fetch(`${root}/echo`, { method: "post" }),
  "a method of its own": (fetch) => fetch(`${root}/echo`, { method: "PATCH", body: "x" }),
  DELETE: (fetch) => fetch(`${root}/echo`, { method: "DELETE" }),
  OPTIONS: (fetch) => fetch(`${root}/echo`, { method: "OPTIONS" }),
  "headers as an object": (fetch) => fetch(`${root}/echo`, { headers: { "X-A": " 1 " } }),
  "headers as Headers": (fetch) => fetch(`${root}/echo`, { headers: new Headers({ "x-a": "1" }) }),
  "headers as a list": (fetch) => fetch(`${root}/echo`, { headers: [["x-a", "1"], ["x-a", "2"]] }), // prettier-ignore
  "headers of the connection's own": (fetch) =>
    fetch(`${root}/echo`, post("abc", { headers: { "content-length": "3" } })),
  "a body that is a string": (fetch) => fetch(`${root}/echo`, post("hello é")),
  "a body that is empty": (fetch) => fetch(`${root}/echo`, post("")),
  "a body of bytes": (fetch) => fetch(`${root}/echo`, post(new TextEncoder().encode("bytes"))),
  "a body that is an ArrayBuffer": (fetch) => fetch(`${root}/echo`, post(new TextEncoder().encode("bytes").buffer)),
  "a body that is a part of one": (fetch) =>
    fetch(`${root}/echo`, post(new TextEncoder().encode("bytes").subarray(1, 3))),
  "a body that is a DataView": (fetch) =>
    fetch(`${root}/echo`, post(new DataView(new TextEncoder().encode("view").buffer))),
  "a body of parameters": (fetch) => fetch(`${root}/echo`, post(new URLSearchParams({ a: "1", b: "é" }))),
  "a form": (fetch) => fetch(`${root}/echo`, post(form())),
  "a form in a Request": (fetch) => fetch(new Request(`${root}/echo`, post(form()))),
  "a blob": (fetch) => fetch(`${root}/echo`, post(new Blob(["blob"], { type: "text/x" }))),
  "a stream": (fetch) => fetch(`${root}/echo`, post(streamOf("a", "b"), { duplex: "half" } as RequestInit)),
  "a stream in a Request": (fetch) =>
    fetch(new Request(`${root}/echo`, post(streamOf("a", "b"), { duplex: "half" } as RequestInit))),
  "a stream without duplex": (fetch) => fetch(`${root}/echo`, post(streamOf("a"))),
  "what is no address": (fetch) => fetch("not an address"),
  "a path only": (fetch) => fetch("/v1/models"),
  "another protocol": (fetch) => fetch("ftp://127.0.0.1/"),
  "an address with credentials": (fetch) => fetch(root.replace("//", "//me:secret@")),
  "GET with a body": (fetch) => fetch(`${root}/echo`, WITH_BODY),
  "a method that is forbidden": (fetch) => fetch(`${root}/echo`, { method: "CONNECT" }),
  "a header that is none": (fetch) => fetch(`${root}/echo`, { headers: { "x a": "1" } }),
  "a header with a line break": (fetch) => fetch(`${root}/echo`, { headers: { "x-a": "1\r\nx-b: 2" } }),
  "a redirect of 301": (fetch) => fetch(`${root}/redirect/301?to=/echo`),
  "a POST redirected with 301": (fetch) => fetch(`${root}/redirect/301?to=/echo`, post("x")),
  "a POST redirected with 302": (fetch) =>
    fetch(`${root}/redirect/302?to=/echo`, post("x", { headers: { "x-a": "1" } })),
  "a PUT redirected with 302": (fetch) => fetch(`${root}/redirect/302?to=/echo`, { method: "PUT", body: "x" }),
  "a PUT redirected with 303": (fetch) => fetch(`${root}/redirect/303?to=/echo`, { method: "PUT", body: "x" }),
  "a HEAD redirected with 303": (fetch) => fetch(`${root}/redirect/303?to=/echo`, { method: "HEAD" }),
  "a POST redirected with 307": (fetch) => fetch(`${root}/redirect/307?to=/echo`, post(form())),
  "a POST redirected with 308": (fetch) => fetch(`${root}/redirect/308?to=../echo`, post("x")),
  "two redirects": (fetch) => fetch(`${root}/redirect/307?to=${encodeURIComponent("/redirect/302?to=/echo")}`),
  "a redirect with a hash": (fetch) => fetch(`${root}/redirect/302?to=${encodeURIComponent("/echo?y=1#part")}`),
  "a redirect to itself": (fetch) => fetch(`${root}/redirect/302?to=`),
  "a redirect without an address": (fetch) => fetch(`${root}/redirect/302`),
  "a redirect to what is no address": (fetch) => fetch(`${root}/redirect/302?to=http://`),
  "a redirect left to the caller": (fetch) => fetch(`${root}/redirect/302?to=/echo`, { redirect: "manual" }),
  "a redirect that is an error": (fetch) => fetch(`${root}/redirect/302?to=/echo`, { redirect: "error" }),
  "a redirect that a Request forbids": (fetch) =>
    fetch(new Request(`${root}/redirect/302?to=/echo`, { redirect: "error" })),
  "300 is no redirect": (fetch) => fetch(`${root}/redirect/300?to=/echo`),
  ...Object.fromEntries(
    [200, 201, 204, 205, 304, 400, 401, 404, 429, 500, 503, 599].map((status) => [
      `status ${status}`,
      (fetch: Fetch) => fetch(`${root}/status/${status}`),
    ]),
  ),
  HEAD: (fetch) => fetch(`${root}/echo`, { method: "HEAD" }),
  gzip: (fetch) => fetch(`${root}/gzip`),
  "json()": async (fetch) => (await fetch(`${root}/echo`)).json(),
  "bytes, blob and a copy": async (fetch) => {
    const response = await fetch(`${root}/gzip`);
    const copy = response.clone();
    return [(await response.arrayBuffer()).byteLength, (await copy.blob()).size];
  },
  "a reader with a buffer of its own": async (fetch) => {
    const response = await fetch(`${root}/gzip`);
    const reader = response.body!.getReader({ mode: "byob" });
    let read = "";
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(3));
      if (done) return [read, value?.length];
      read += new TextDecoder().decode(value);
    }
  },
  "a body that is read twice": async (fetch) => {
    const response = await fetch(`${root}/echo`);
    await response.text();
    return response.text();
  },
  "a body that breaks off": async (fetch) => (await fetch(`${root}/breaks`)).text(),
  "a connection that is dropped": (fetch) => fetch(`${root}/drops`),
  "nothing that listens": (fetch) => fetch(closed),
  "a signal that is aborted already": (fetch) => fetch(`${root}/echo`, { signal: AbortSignal.abort(REASON) }),
  "a signal without a reason": (fetch) => fetch(`${root}/echo`, { signal: AbortSignal.abort() }),
  "a signal that is null": (fetch) => fetch(`${root}/echo`, { signal: null }),
  "a signal while nothing comes": async (fetch) => {
    const controller = new AbortController();
    const waiting = fetch(`${root}/silent`, { signal: controller.signal });
    setTimeout(() => controller.abort(REASON), 20);
    return waiting;
  },
  "a limit while nothing comes": (fetch) => fetch(`${root}/silent`, { signal: AbortSignal.timeout(20) }),
  "the signal of a Request": async (fetch) => {
    const controller = new AbortController();
    const waiting = fetch(new Request(`${root}/silent`, { signal: controller.signal }));
    setTimeout(() => controller.abort(REASON), 20);
    return waiting;
  },
  "a signal in place of the Request's": async (fetch) => {
    const request = new Request(`${root}/echo`, { signal: AbortSignal.abort(REASON) });
    return fetch(request, { signal: new AbortController().signal });
  },
  "a signal while a body comes": async (fetch) => {
    const controller = new AbortController();
    const response = await fetch(`${root}/begins`, { signal: controller.signal });
    const reading = response.text();
    controller.abort(REASON);
    return reading;
  },
  "a signal while a body is sent": async (fetch) => {
    const controller = new AbortController();
    const endless = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
    const init = post(endless, { duplex: "half", signal: controller.signal } as RequestInit);
    setTimeout(() => controller.abort(REASON), 20);
    return fetch(`${root}/silent`, init);
  },
  "a signal when all is over": async (fetch) => {
    const controller = new AbortController();
    const response = await fetch(`${root}/echo`, { signal: controller.signal });
    const said = await response.text();
    controller.abort(REASON);
    return said;
  },
  "a body that is let go": async (fetch) => {
    const response = await fetch(`${root}/begins`);
    await response.body!.cancel();
    return [response.bodyUsed, await response.body!.getReader().read()];
  },
};

describe("the same verdict as the global fetch, over our own HTTP and over fetch", () => {
  test.each(Object.entries(cases))("%s", async (_name, run) => {
    const expected = await verdictOf(run, globalThis.fetch);
    expect(await verdictOf(run, createFetch())).toEqual(expected);
    expect(await verdictOf(run, createFetch({ environment: { VLLM_TRANSPORT: "fetch" } }))).toEqual(expected);
  });
});

const failureOf = (waiting: Promise<unknown>) =>
  waiting.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error as TypeError & { cause: Record<string, unknown> },
  );

describe("what a failure holds", () => {
  test.each<[string, () => string, object]>([
    ["nothing that listens", () => closed, { code: "SERVER_UNREACHABLE", reason: "refused" }],
    ["a connection that is dropped", () => `${root}/drops`, { code: "SERVER_UNREACHABLE", reason: "reset" }],
  ])("%s: a TypeError with our error as its cause", async (_name, url, expected) => {
    const error = await failureOf(createFetch()(url()));
    expect(error).toMatchObject({ name: "TypeError", message: "fetch failed", cause: expected });
    expect(error.cause["hint"]).toEqual(expect.any(String));
  });

  test("a header that HTTP cannot hold is named, and its value not shown", async () => {
    const error = await failureOf(createFetch()(root, { headers: { "x-a": "s\u00e9cret" } }));
    expect(error).toMatchObject({ message: "fetch failed", cause: { code: "CONFIG_INVALID" } });
    expect(error.cause["message"]).toContain("x-a");
    expect(error.cause["message"]).not.toContain("cret");
  });
});

describe("where it differs from the global fetch", () => {
  test("a status that no Response can have is an answer that could not be read", async () => {
    const error = await failureOf(createFetch()(`${root}/status/999`));
    expect(error).toMatchObject({ message: "fetch failed", cause: { code: "STREAM_MALFORMED" } });
  });

  test.each(["http://other.test/v1", "https://127.0.0.1/v1", "//other.test/", "http://127.0.0.1:1/v1"])(
    "a redirect to another server (%s) is not followed: it must not get the conversation and the key",
    async (to) => {
      const url = `${root}/redirect/307?to=${encodeURIComponent(to)}`;
      for (const options of [{}, { environment: { VLLM_TRANSPORT: "fetch" } }]) {
        const error = await failureOf(createFetch(options)(url, post("secret")));
        expect(error).toMatchObject({ message: "fetch failed", cause: { code: "WRONG_BASE_URL", status: 307 } });
        expect(error.cause["message"]).toContain(new URL(to, url).host);
      }
    },
  );

  test("a stream is buffered up to 64 MiB, then refused by name", async () => {
    const piece = new Uint8Array(1024 * 1024);
    let pieces = 0;
    let wasCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => (controller.enqueue(piece), void (pieces += 1)),
      cancel: () => void (wasCancelled = true),
    });
    const error = await failureOf(createFetch()(root, post(endless, { duplex: "half" } as RequestInit)));
    expect(error.cause).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringContaining("stream") });
    expect([pieces < 70, wasCancelled]).toEqual([true, true]);
  });

  test("bytes in memory have no limit", async () => {
    const response = await createFetch()(`${root}/status/200`, post(new Uint8Array(65 * 1024 * 1024)));
    expect(response.status).toBe(200);
  });

  test("the names of an encoding and a length that are no longer true are gone", async () => {
    const { headers } = await createFetch()(`${root}/gzip`);
    expect([headers.get("content-encoding"), headers.get("content-length")]).toEqual([null, null]);
  });

  test("it has no list of forbidden ports, data: and blob: are not its affair, Host is the address's", async () => {
    expect((await failureOf(createFetch()("http://127.0.0.1:6000"))).cause["reason"]).toBe("refused");
    expect(await failureOf(createFetch()("data:,x"))).toMatchObject({ message: "fetch failed" });
    expect((await createFetch()(`${root}/echo`, { headers: { host: "other.test" } })).status).toBe(200);
  });
});

test("a reader that falls behind makes the server wait", async () => {
  let written = 0;
  const flood = createServer((_request, response) => {
    const write = () => {
      if (response.destroyed) return;
      written += 65_536;
      if (response.write(new Uint8Array(65_536))) write();
      else response.once("drain", write);
    };
    write();
  });
  const response = await createFetch()(await listen(flood));
  let before = 0;
  // Until the buffers of both sides are full.
  await expect.poll(() => written > 0 && before === (before = written), { interval: 100 }).toBe(true);
  const reader = response.body!.getReader();
  for (let read = 0; read < before + 1_000_000;) read += (await reader.read()).value!.length;
  expect(written).toBeGreaterThan(before);
  await reader.cancel();
  flood.closeAllConnections();
  flood.close();
});
