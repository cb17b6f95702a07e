import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { createServer, request as sendOn, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { createVllmClient, type VllmError } from "@vllm/client";
import { discoverServer } from "@vllm/discovery";
import { startFakeVllm, TEST_AUTHORITY, TEST_CERTIFICATE, TEST_KEY, type FakeVllm } from "@vllm-tooling/fake-vllm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startBridge, tearDown } from "./bridge-harness.ts";
import type { Terminal } from "../src/cli/terminal/terminal.ts";
import { createCliHome, type CliHome } from "./cli-harness.ts";

/** Whether the model list or an answer came, or why not. */
type Said = { reached: true } | { reached: false; message: string | undefined };

interface Place {
  baseUrl: string;
  /** The authority of a private certificate. */
  ca?: string | undefined;
  /** The command has no such option. */
  proxy?: string | false | undefined;
}

const PARAMS = { model: "lab/tiny", messages: [{ role: "user" as const, content: "Hello" }], max_tokens: 5 };

/** The four that people use; the bridge has three ways of its own to vLLM. */
const WAYS: Readonly<Record<string, (place: Place) => Promise<Said>>> = {
  async client({ baseUrl, ca, proxy }) {
    try {
      const client = createVllmClient({
        baseUrl,
        tls: ca === undefined ? undefined : { ca },
        proxy,
        retry: { maxRetries: 0 },
      });
      return { reached: (await client.complete(PARAMS)).text !== "" } as Said;
    } catch (error) {
      return { reached: false, message: (error as VllmError).message };
    }
  },
  async discovery({ baseUrl, ca, proxy }) {
    const report = await discoverServer({ baseUrl, tls: ca === undefined ? undefined : { ca }, proxy, probe: "list" });
    const { state, error } = report;
    return state === "ready" ? { reached: true } : { reached: false, message: error?.message ?? "" };
  },
  "bridge, chat": (place) =>
    askBridge(place, "/v1/chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(PARAMS),
    }),
  "bridge, the list of models": (place) => askBridge(place, "/v1/models"),
  "bridge, what passes through": (place) => askBridge(place, "/version"),
  async command({ baseUrl, ca }) {
    const trust = ca === undefined ? [] : ["--ca-file", home.path("ca.pem")];
    const run = await home.run(["doctor", "--base-url", baseUrl, "--json", ...trust]);
    type Doctor = { servers: { state: string; findings: { severity: string; message: string }[] }[] };
    const { state, findings } = run.json<Doctor>().servers[0]!;
    if (state === "ready") return { reached: true };
    return { reached: false, message: findings.find(({ severity }) => severity === "error")?.message ?? "" };
  },
};

async function askBridge({ baseUrl, ca, proxy }: Place, path: string, init?: RequestInit): Promise<Said> {
  const bridge = await startBridge({
    upstream: baseUrl,
    tls: ca === undefined ? undefined : { ca },
    proxy,
    open: true,
  });
  const response = await fetch(new URL(path, bridge.baseUrl), init);
  const { error } = (await response.json()) as { error?: { message: string } | string };
  if (response.ok) return { reached: true };
  // What passes through has the server's own words.
  return { reached: false, message: typeof error === "object" ? error.message : undefined };
}

/** Each way asks a path of its own. */
function withoutPaths(text: string): string {
  return text.replaceAll(/(https?:\/\/[^\s/),]+)[^\s),]*/g, "$1");
}

let home: CliHome;
let fake: FakeVllm;
/** Ports of a server with a private certificate before the fake, and of the proxy that alone knows `gpu.test`. */
let securePort: number;
let proxyPort: number;
const servers: Server[] = [];
const LOGIN = `Basic ${btoa("me:s3cret 100%")}`;

beforeAll(async () => {
  home = await createCliHome();
  await home.write("ca.pem", TEST_AUTHORITY);
  fake = await startFakeVllm();
  securePort = await listen(createTlsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, forward));
  proxyPort = await listen(
    createServer((request, response) => {
      if (isKnown(request)) forward(request, response);
      else response.writeHead(407).end();
    }).on("connect", (request: IncomingMessage, client: Socket) => {
      if (!isKnown(request)) {
        client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        return;
      }
      const upstream = connect(securePort, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        upstream.pipe(client).pipe(upstream);
      });
      for (const end of [client, upstream])
        end.on("error", () => {}).on("close", () => (client.destroy(), upstream.destroy()));
    }),
  );
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await Promise.all([fake.close(), home.remove()]);
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Who sends no login may come in, as the same server serves addresses without one. */
function forward(request: IncomingMessage, response: ServerResponse): void {
  const { authorization } = request.headers;
  if (authorization !== undefined && authorization !== LOGIN) {
    response.writeHead(401, { "content-type": "application/json" }).end('{"error":"Unauthorized"}');
    return;
  }
  const { pathname, search } = new URL(request.url ?? "/", "http://gpu.test");
  const { method, headers } = request;
  const onward = sendOn({ port: fake.port, host: "127.0.0.1", path: pathname + search, method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  request.pipe(onward);
}

/** The proxy serves `gpu.test`, and whoever has no login or the right one. */
function isKnown({ url = "", headers }: IncomingMessage): boolean {
  const login = headers["proxy-authorization"];
  return /^(?:http:\/\/)?gpu\.test\b/.test(url) && (login === undefined || login === `Basic ${btoa("us:100%")}`);
}

beforeEach(() => {
  for (const name of ["http_proxy", "https_proxy", "all_proxy", "no_proxy"])
    for (const each of [name, name.toUpperCase()]) vi.stubEnv(each, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await tearDown();
});

const proxyAt = (login = "") => `http://${login}127.0.0.1:${proxyPort}`;
const CA = TEST_AUTHORITY;

/** Where the server is, what the environment says, and what all four say: nothing when they reach it. */
const places: Readonly<Record<string, () => { place: Place; env?: Record<string, string>; said?: RegExp }>> = {
  "a server on this machine": () => ({ place: { baseUrl: fake.baseUrl } }),
  "a server on this machine, by the address it listens on": () => ({
    place: { baseUrl: `http://0.0.0.0:${fake.port}/v1` },
  }),
  "a server on this machine, whatever proxies are set": () => ({
    place: { baseUrl: `http://0.0.0.0:${fake.port}` },
    env: { HTTP_PROXY: "http://127.0.0.1:1", ALL_PROXY: "socks5://127.0.0.1:1" },
  }),
  "a proxy given as an option": () => ({
    place: { baseUrl: "https://gpu.test", ca: CA, proxy: proxyAt("us:100%@") },
    env: { HTTPS_PROXY: "http://127.0.0.1:1", NO_PROXY: "*" },
  }),
  "no proxy, by an option": () => ({
    place: { baseUrl: "http://gpu.test", proxy: false },
    env: { HTTP_PROXY: proxyAt() },
    said: /cannot be resolved/,
  }),
  "a server that is down": () => ({ place: { baseUrl: "http://127.0.0.1:1" }, said: /connection was refused/ }),
  "a name that nobody knows": () => ({ place: { baseUrl: "http://gpu.test:8000" }, said: /cannot be resolved/ }),
  "through a proxy that alone reaches the server": () => ({
    place: { baseUrl: "http://gpu.test:8000/v1" },
    env: { HTTP_PROXY: proxyAt() },
  }),
  "the same by ALL_PROXY, in lower case": () => ({
    place: { baseUrl: "http://gpu.test:8000/v1" },
    env: { all_proxy: proxyAt() },
  }),
  "the same with a login for the proxy": () => ({
    place: { baseUrl: "http://gpu.test:8000/v1" },
    env: { http_proxy: proxyAt("us:100%@") },
  }),
  "a proxy that is not there": () => ({
    place: { baseUrl: "http://gpu.test:8000" },
    env: { HTTP_PROXY: "http://127.0.0.1:1" },
    said: /^The proxy in front of gpu\.test:8000 could not be used/,
  }),
  "a proxy that refuses the tunnel": () => ({
    place: { baseUrl: "https://gpu.test", ca: CA },
    env: { HTTPS_PROXY: proxyAt("us:wrong@") },
    said: /^The proxy in front of gpu\.test requires a user name and password \(407\)/,
  }),
  "a SOCKS proxy": () => ({
    place: { baseUrl: "http://gpu.test:8000" },
    env: { ALL_PROXY: "socks5://127.0.0.1:1080" },
    said: /^The variable ALL_PROXY names a SOCKS proxy/,
  }),
  "a server that NO_PROXY names": () => ({
    place: { baseUrl: "http://gpu.test:8000" },
    env: { HTTP_PROXY: proxyAt(), NO_PROXY: "10.0.0.0/8, .test" },
    said: /cannot be resolved/,
  }),
  "with a private CA": () => ({ place: { baseUrl: `https://localhost:${securePort}/v1`, ca: CA } }),
  "with a private CA that nobody was told": () => ({
    place: { baseUrl: `https://localhost:${securePort}/v1` },
    said: /^The TLS connection to localhost:\d+ failed/,
  }),
  "with a certificate for another name": () => ({
    place: { baseUrl: `https://127.0.0.1:${securePort}/v1`, ca: CA },
    said: /^The TLS connection to 127\.0\.0\.1:\d+ failed/,
  }),
  "https: where http: is spoken": () => ({
    place: { baseUrl: `https://127.0.0.1:${fake.port}/v1` },
    said: /^The TLS connection to 127\.0\.0\.1:\d+ failed/,
  }),
  "http: where https: is spoken": () => ({
    place: { baseUrl: `http://127.0.0.1:${securePort}/v1` },
    said: /closed the connection without an answer/,
  }),
  "with credentials in the address": () => ({
    place: { baseUrl: `https://me:s3cret%20100%@localhost:${securePort}/v1`, ca: CA },
  }),
  "with wrong credentials in the address": () => ({
    place: { baseUrl: `https://me:wrong@localhost:${securePort}/v1`, ca: CA },
    said: /refused the API key/,
  }),
  "all of it: a proxy, a private CA and credentials in the address": () => ({
    place: { baseUrl: "https://me:s3cret%20100%@gpu.test/v1", ca: CA },
    env: { HTTPS_PROXY: proxyAt("us:100%@") },
  }),
};

describe("if the doctor reaches it, chat reaches it, and the other way round", () => {
  test.each(Object.entries(places))("%s", async (_name, make) => {
    const { place, env = {}, said: expected } = make();
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const ways = Object.entries(WAYS).filter(([name]) => name !== "command" || place.proxy === undefined);
    const all = await Promise.all(ways.map(async ([name, ask]) => ({ name, said: await ask(place) })));
    for (const { name, said } of all) {
      expect([name, said.reached, said]).toEqual([name, expected === undefined, said]);
      expect(JSON.stringify(said)).not.toMatch(/s3cret|wrong/);
    }
    const messages = all.flatMap(({ name, said }) => {
      const message = said.reached ? undefined : said.message;
      return message === undefined ? [] : [{ name, message: withoutPaths(message) }];
    });
    // The bridge has the hint behind it.
    const words = messages[0]?.message;
    for (const { name, message } of messages) {
      expect([name, message]).toEqual([name, expect.stringMatching(expected!)]);
      expect([name, message]).toEqual([name, expect.stringContaining(words!)]);
    }
    const saying = messages.map(({ name }) => name).filter((name) => name !== "bridge, what passes through");
    expect(saying).toHaveLength(expected === undefined ? 0 : ways.length - 1);
  });
});

describe("a query in the address", () => {
  const stopping = () => ({ signal: AbortSignal.timeout(500) });

  test.each<[string, string[], string, (() => Partial<Terminal>)?]>([
    ["setup", ["--agent", "coderclaw", "--dry-run", "--yes"], "--base-url"],
    ["doctor", [], "--base-url"],
    ["models", ["--agent", "coderclaw"], "--base-url"],
    ["models", ["--agent", "coderclaw", "--json"], "--base-url"],
    ["print", ["pi"], "--base-url"],
    ["print", ["pi", "--json"], "--base-url"],
    ["launch", ["pi"], "--base-url"],
    ["launch", ["pi", "--direct"], "--base-url"],
    ["top", ["--once"], ""],
    ["bridge", ["--port", "0", "--dry-run"], "--upstream", stopping],
  ])("is said by %s %j", async (command, words, option, more) => {
    const address = `http://127.0.0.1:${fake.port}/v1?token=secret`;
    const named = option === "" ? [address] : [option, address];
    await home.write("bin/pi", "#!/bin/sh\n");
    await chmod(home.path("bin/pi"), 0o755);
    const { stdout, stderr } = await home.run([command, ...words, ...named], { PATH: home.path("bin") }, more?.());
    expect((stdout + stderr).match(/The base URL has a query/g)).toHaveLength(1);
    expect(stdout + stderr).not.toContain("secret");
  });

  test("is said of an address in VLLM_BASE_URL, too", async () => {
    const VLLM_BASE_URL = `http://127.0.0.1:${fake.port}/v1?token=secret`;
    const { stderr } = await home.run(["print", "pi"], { VLLM_BASE_URL });
    expect(stderr).toContain("The base URL has a query");
  });
});

describe("--ca-file", () => {
  test("is in the commands that are printed", async () => {
    const path = home.path("ca.pem");
    const words = ["doctor", "--agent", "coderclaw", "--ca-file", path];
    expect((await home.run(words)).stdout).toContain(`vllm-connect setup --agent coderclaw --ca-file ${path}`);
    expect(JSON.stringify((await home.run([...words, "--json"])).json())).toContain(
      `setup --agent coderclaw --ca-file ${path}`,
    );
  });

  test("is in the commands that are printed for words that are not known", async () => {
    const path = home.path("ca.pem");
    const { stderr } = await home.run(["launch", "claude", "--ca-file", path, "--resume"]);
    expect(stderr).toContain(`vllm-connect launch --ca-file ${path} claude -- --resume`);
    const { json } = await home.run(["models", `--ca-file=${path}`, "--agent", "openclaw", "--json", "--host", "x"]);
    expect(JSON.stringify(json())).not.toContain("@vllm/connect");
    const help = (await home.run(["doctor", "--ca-file", path, "--nonsense"])).stderr;
    expect(help).toContain("vllm-connect doctor --help shows its options.");
  });

  test.each([
    ["a file that is not there", "missing.pem", "cannot be read (ENOENT)"],
    ["a file without certificates", "other.pem", "holds no certificate"],
  ])("%s is said at once", async (_name, name, problem) => {
    await home.write("other.pem", "-----BEGIN PRIVATE KEY-----");
    for (const command of ["doctor", "models", "setup", "sync", "bridge"]) {
      const { code, stderr } = await home.run([command, "--ca-file", home.path(name)]);
      expect([command, code]).toEqual([command, 2]);
      expect(stderr).toContain(problem);
      expect(stderr).toContain("-----BEGIN CERTIFICATE-----");
    }
  });

  test("commands that ask no server do not know it", async () => {
    for (const command of ["where", "undo"])
      expect((await home.run([command, "--ca-file", home.path("ca.pem")])).stderr).toContain("Unknown option");
  });

  test("setup trusts it", async () => {
    const words = ["setup", "--dry-run", "--yes", "--ca-file", home.path("ca.pem"), "--base-url"];
    const run = await home.run([...words, `https://localhost:${securePort}/v1`], { VLLM_API_KEY: "" });
    expect(run.stdout + run.stderr).toContain("lab/tiny");
  });
});
