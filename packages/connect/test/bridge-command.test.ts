import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../src/cli/run-cli.ts";
import { chatsOf, post, untilLookedAt } from "./bridge-harness.ts";

/** `vllm-connect` while it runs. */
function start(words: readonly string[], env: Record<string, string> = {}) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const said = { stdout: "", stderr: "" };
  stdout.on("data", (chunk: Buffer) => (said.stdout += chunk.toString()));
  stderr.on("data", (chunk: Buffer) => (said.stderr += chunk.toString()));
  const interruption = new AbortController();
  const surroundings = { env, homeDirectory: "/nowhere", stdin: new PassThrough(), stdout, stderr };
  const code = runCli(words, { ...surroundings, signal: interruption.signal });
  return { said, code, stop: () => interruption.abort() };
}

const ASK = { model: "lab/tiny", messages: [{ role: "user", content: "Hello" }], store: false };

async function addressIn(said: { stdout: string }): Promise<string> {
  await expect.poll(() => said.stdout).toMatch(/http:\/\/127\.0\.0\.1:\d+\/v1/);
  return /http:\/\/127\.0\.0\.1:\d+\/v1/.exec(said.stdout)![0];
}

test("bridge: runs until it is stopped, a line for each request", async () => {
  await using fake = await startFakeVllm({ scenario: "hello-stream" });
  const { said, code, stop } = start(["bridge", "--upstream", fake.serverRoot, "--port", "0"]);
  const { status, text } = await post(await addressIn(said), ASK);
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({
    usage: { completion_tokens_details: { reasoning_tokens: expect.any(Number) } },
  });
  stop();
  expect(await code).toBe(0);
  expect(said.stdout).toContain(`→ ${fake.baseUrl}`);
  expect(said.stdout).toMatch(
    /POST \/v1\/chat\/completions · 200 · lab\/tiny · first token \d+ ms · .* · changed: store removed · ok\n/,
  );
  expect(said.stdout).not.toContain("Hello");
});

test("bridge for CoderClaw: usage without reasoning tokens", async () => {
  await using fake = await startFakeVllm({ scenario: "hello-stream" });
  const args = ["bridge", "--upstream", fake.serverRoot, "--port", "0", "--drop-reasoning-tokens"];
  const { said, code, stop } = start(args);
  const { usage } = JSON.parse((await post(await addressIn(said), ASK)).text) as { usage: object };
  expect(usage).toHaveProperty("completion_tokens");
  expect(usage).not.toHaveProperty("completion_tokens_details");
  stop();
  expect(await code).toBe(0);
});

test("bridge with a key: the agent is told to send it, and it is not shown", async () => {
  await using fake = await startFakeVllm();
  const key = "bridge-secret";
  const { said, code, stop } = start(["bridge", "--upstream", fake.baseUrl, "--port", "0"], { VLLM_BRIDGE_KEY: key });
  const baseUrl = await addressIn(said);
  expect(said.stdout).toContain(
    `Use ${baseUrl} as the agent's base URL and what VLLM_BRIDGE_KEY holds as its API key.`,
  );
  stop();
  expect(await code).toBe(0);
  expect(said.stdout).not.toContain(key);
});

test("bridge --dry-run --json: the request goes through as it is", async () => {
  await using fake = await startFakeVllm({ scenario: "hello-stream" });
  const { said, code, stop } = start(["bridge", "--port", "0", "--dry-run", "--json"], { VLLM_BASE_URL: fake.baseUrl });
  await post(await addressIn(said), ASK);
  expect(chatsOf(fake).at(-1)?.bodyText).toBe(JSON.stringify(ASK));
  stop();
  expect(await code).toBe(0);
  const events = said.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; changes?: string[] });
  expect(events.map(({ event }) => event)).toEqual(["listening", "request", "stopping"]);
  expect(events[1]?.changes).toContain("store removed");
});

describe("--settings", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bridge-settings-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function write(text: string): Promise<string> {
    const path = join(folder, "bridge.json5");
    await writeFile(path, text);
    return path;
  }

  test("for one model, and no other", async () => {
    await using fake = await startFakeVllm({ scenario: "hello-stream" });
    const path = await write(`{
      // this model thinks too long
      models: { "${fake.model}": { thinking: "off", params: { temperature: 0.5 } } },
      maxBodyBytes: 500,
    }`);
    const { said, code, stop } = start(["bridge", "--upstream", fake.baseUrl, "--port", "0", "--settings", path]);
    const baseUrl = await addressIn(said);
    await untilLookedAt(fake);
    await post(baseUrl, ASK);
    expect(chatsOf(fake).at(-1)?.body).toMatchObject({
      temperature: 0.5,
      chat_template_kwargs: { enable_thinking: false },
    });
    await post(baseUrl, { ...ASK, model: "lab/other" });
    expect(chatsOf(fake).at(-1)?.body).not.toHaveProperty("temperature");
    expect((await post(baseUrl, { ...ASK, pad: "x".repeat(500) })).status).toBe(413);
    stop();
    expect(await code).toBe(0);
  });

  test("several keys, by the names of their variables", async () => {
    await using fake = await startFakeVllm({ scenario: "hello-stream" });
    const path = await write(`{ keys: [{ variable: "TEAM_A_KEY", cacheSaltVariable: "TEAM_A_SALT", priority: 3 }] }`);
    const words = ["bridge", "--upstream", fake.baseUrl, "--port", "0", "--settings", path];
    const env = { TEAM_A_KEY: "key-of-team-a", TEAM_A_SALT: "salt-of-team-a", VLLM_API_KEY: "key-of-vllm" };
    const { said, code, stop } = start(words, env);
    const url = `${await addressIn(said)}/chat/completions`;
    const ask = (key: string) => {
      const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
      return fetch(url, { method: "POST", headers, body: JSON.stringify(ASK) });
    };
    expect((await ask("key-of-vllm")).status).toBe(401);
    expect((await ask("key-of-team-a")).status).toBe(200);
    expect(chatsOf(fake).at(-1)?.body).toMatchObject({ cache_salt: "salt-of-team-a", priority: 3 });
    stop();
    expect(await code).toBe(0);
    expect(said.stdout).toContain("a key of the settings as its API key");
    expect(said.stdout + said.stderr).not.toMatch(/key-of|salt-of/);
    const without = start(words, { TEAM_A_KEY: "key-of-team-a" });
    expect(await without.code).toBe(2);
    expect(without.said.stderr).toMatch(/name the variable TEAM_A_SALT, which is not set[\s\S]*export TEAM_A_SALT=/);
  });

  test.each([
    ["{ models: { m: { thinkin: 1 } }, maxConcurrent: 0 }", /models\.m: .*thinkin.*; maxConcurrent: /],
    ["{ models: ", /invalid end of input/],
    ['{ upstream: "http://x" }', /upstream/],
    ['{ keepAliveMs: "x" }', /keepAliveMs: must be a number of ms above 0, or false/],
    ['{ models: { "org/m": { params: 1 } } }', /models\["org\/m"\]\.params: /],
    ["[]", /the file: .*expected object/],
  ])("%s is refused with what is wrong", async (text, expected) => {
    const { said, code } = start(["bridge", "--port", "0", "--settings", await write(text)]);
    expect(await code).toBe(2);
    expect(said.stderr).toMatch(expected);
    expect(said.stderr).toContain("docs/bridge.md");
  });

  test("a file that is not there", async () => {
    const { said, code } = start(["bridge", "--port", "0", "--settings", "/nowhere/bridge.json5"]);
    expect(await code).toBe(2);
    expect(said.stderr).toContain("The settings /nowhere/bridge.json5 cannot be read (ENOENT).");
    expect(said.stderr).toContain("Pass --settings with the path of a JSON5 file");
    expect(said.stdout).toBe("");
  });
});

test.each([
  [["--port", "x"], /"x" is not a port.*Pass --port/s],
  [["--port", "99999"], /"99999" is not a port.*Pass --port/s],
  [["--port", "0x50"], /"0x50" is not a port/],
  [["--upstream", "not a url"], /is not the address of an HTTP server.*Use the address/s],
  [["--upstream", "ftp://gpu1"], /is not the address of an HTTP server/],
  [["--upstream", "http://localhost:8010"], /is the bridge's own address.*Pass --upstream/s],
  [["--upstream", "http://0.0.0.0:8010"], /is the bridge's own address/],
  [["--upstream", "http://[::1]:8010"], /is the bridge's own address/],
  [["--listen", "0.0.0.0", "--port", "0"], /open to everyone.*VLLM_BRIDGE_KEY/s],
  [["--listen", "::", "--port", "0"], /open to everyone/],
  [["--host", "0.0.0.0"], /--listen 0\.0\.0\.0/],
])("bridge %j is refused with advice", async (words, expected) => {
  const { said, code } = start(["bridge", ...words]);
  expect(await code).toBe(2);
  expect(said.stderr).toMatch(expected);
  expect(said.stdout).toBe("");
});

test.each([
  // A documentation address (RFC 5737): no machine has it.
  ["203.0.113.5", /cannot listen on 203\.0\.113\.5:0 \(EADDRNOTAVAIL\).*Pass --listen/s],
  ["0.0.0.0", /is the bridge's own address/],
])("bridge --listen %s with a key is refused with advice", async (address, expected) => {
  const own = Object.values(networkInterfaces()).flatMap((each = []) => each);
  const port = address === "0.0.0.0" ? "8010" : "0";
  const upstream = own.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
  const words = ["--listen", address, "--port", port, "--upstream", `http://${upstream}:8010`];
  const { said, code } = start(["bridge", ...words], { VLLM_BRIDGE_KEY: "k" });
  expect(await code).toBe(2);
  expect(said.stderr).toMatch(expected);
});

test("a port that is taken is said", async () => {
  await using fake = await startFakeVllm();
  const { said, code } = start(["bridge", "--port", String(fake.port), "--upstream", "http://127.0.0.1:9"]);
  expect(await code).toBe(2);
  expect(said.stderr).toMatch(/EADDRINUSE.*another --port/s);
});

test("a port on which a bridge runs already is said with its address", async () => {
  await using fake = await startFakeVllm();
  const first = start(["bridge", "--port", "0", "--upstream", fake.baseUrl]);
  const baseUrl = await addressIn(first.said);
  const { said, code } = start(["bridge", "--port", new URL(baseUrl).port, "--upstream", fake.baseUrl]);
  expect(await code).toBe(2);
  expect(said.stderr).toContain(`A bridge to ${fake.baseUrl} runs on`);
  expect(said.stderr).toContain(`Use ${baseUrl}`);
  first.stop();
  expect(await first.code).toBe(0);
});

describe("who may use vLLM's key", () => {
  test("those who send it: the key in VLLM_API_KEY opens the bridge as it opens vLLM", async () => {
    await using fake = await startFakeVllm({ apiKey: "vllm-secret" });
    const words = ["bridge", "--upstream", fake.baseUrl, "--port", "0"];
    const { said, code, stop } = start(words, { VLLM_API_KEY: "vllm-secret\n" });
    const baseUrl = await addressIn(said);
    expect(said.stdout).toContain(`Use ${baseUrl} as the agent's base URL and what VLLM_API_KEY holds as its API key.`);
    expect((await post(baseUrl, ASK)).status).toBe(401);
    expect((await post(baseUrl, ASK, { authorization: "Bearer other" })).status).toBe(401);
    expect(chatsOf(fake)).toEqual([]);
    expect((await post(baseUrl, ASK, { authorization: "Bearer vllm-secret" })).status).toBe(200);
    stop();
    expect(await code).toBe(0);
    expect(said.stdout + said.stderr).not.toContain("vllm-secret");
  });

  test("those who send VLLM_BRIDGE_KEY, when there is one; then vLLM's own key does not open the bridge", async () => {
    await using fake = await startFakeVllm({ apiKey: "vllm-secret" });
    const env = { VLLM_API_KEY: "vllm-secret", VLLM_BRIDGE_KEY: "own-secret" };
    const { said, code, stop } = start(["bridge", "--upstream", fake.baseUrl, "--port", "0"], env);
    const baseUrl = await addressIn(said);
    expect((await post(baseUrl, ASK, { authorization: "Bearer vllm-secret" })).status).toBe(401);
    expect((await post(baseUrl, ASK, { authorization: "Bearer own-secret" })).status).toBe(200);
    stop();
    expect(await code).toBe(0);
    expect(said.stdout + said.stderr).not.toMatch(/vllm-secret|own-secret/);
  });

  test.each([{}, { VLLM_BRIDGE_KEY: "own-secret" }])("everyone with --open, and it says so: %j", async (env) => {
    await using fake = await startFakeVllm({ apiKey: "vllm-secret" });
    const words = ["bridge", "--upstream", fake.baseUrl, "--port", "0", "--open"];
    const { said, code, stop } = start(words, { VLLM_API_KEY: "vllm-secret", ...env });
    expect((await post(await addressIn(said), ASK)).status).toBe(200);
    expect(said.stdout).toContain("Open: every program and every user of this machine is served without a key.");
    stop();
    expect(await code).toBe(0);
  });

  test("without one, each client's own key is passed on", async () => {
    await using fake = await startFakeVllm({ apiKey: "vllm-secret" });
    const { said, code, stop } = start(["bridge", "--upstream", fake.baseUrl, "--port", "0"]);
    const baseUrl = await addressIn(said);
    expect((await post(baseUrl, ASK, { authorization: "Bearer other" })).status).toBe(401);
    expect((await post(baseUrl, ASK, { authorization: "Bearer vllm-secret" })).status).toBe(200);
    stop();
    expect(await code).toBe(0);
  });

  test.each([
    [["--upstream", "http://me:100%@127.0.0.1:1", "--port", "0"], {}],
    [["--port", "0"], { VLLM_BASE_URL: "http://me:pass-secret@127.0.0.1:1" }],
  ])("a password in the address cannot be sent as a key, so %j needs one", async (words, env) => {
    const { said, code } = start(["bridge", ...words], env);
    expect(await code).toBe(2);
    expect(said.stderr).toMatch(/the user name and password of its address.*VLLM_BRIDGE_KEY.*--open/s);
    expect(said.stderr).not.toMatch(/malformed|pass-secret|100%/);
  });

  test("a password with a stray % works", async () => {
    await using fake = await startFakeVllm();
    const upstream = fake.baseUrl.replace("http://", "http://me:100%@");
    const { said, code, stop } = start(["bridge", "--upstream", upstream, "--port", "0"], { VLLM_BRIDGE_KEY: "own" });
    expect((await post(await addressIn(said), ASK, { authorization: "Bearer own" })).status).toBe(200);
    expect(chatsOf(fake).at(-1)?.headers["authorization"]).toBe(`Basic ${btoa("me:100%")}`);
    stop();
    expect(await code).toBe(0);
    expect(said.stdout).not.toContain("100%");
  });

  test("a port on which a bridge with another key runs is said", async () => {
    await using fake = await startFakeVllm();
    const first = start(["bridge", "--port", "0", "--upstream", fake.baseUrl], { VLLM_BRIDGE_KEY: "own" });
    const baseUrl = await addressIn(first.said);
    const { said, code } = start(["bridge", "--port", new URL(baseUrl).port, "--upstream", fake.baseUrl]);
    expect(await code).toBe(2);
    expect(said.stderr).toMatch(/A bridge with another key runs on .* already/);
    first.stop();
    expect(await first.code).toBe(0);
  });
});
