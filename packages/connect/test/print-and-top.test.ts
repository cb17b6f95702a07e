import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AGENTS } from "../src/agents/agents.ts";
import type { CliHome } from "./cli-harness.ts";
import { createCliHome } from "./cli-harness.ts";

const start = useFakeServers();
let cli: CliHome;
beforeEach(async () => (cli = await createCliHome()));
afterEach(() => cli.remove());

describe("print", () => {
  test.each(AGENTS.map(({ id }) => id))("%s: where it goes, what to copy, what to type then", async (id) => {
    const server = await start({ apiKey: "sk-secret" });
    const env = { VLLM_API_KEY: "sk-secret" };
    const before = await cli.files();
    const { code, stdout } = await cli.run(["print", id, "--base-url", server.baseUrl], env);
    expect([code, stdout]).toEqual([0, expect.stringContaining(server.model)]);
    expect(stdout).toContain("Then:");
    const { snippet, window } = (await cli.run(["print", id, "--base-url", server.baseUrl, "--json"], env)).json<{
      snippet: { text: string };
      window: number;
    }>();
    expect(stdout).toContain(snippet.text);
    expect(window).toBe(32_768);
    expect(stdout).not.toContain("sk-secret");
    expect(await cli.files()).toEqual(before);
  });

  test("says when the window is too small for the agent", async () => {
    const server = await start({ config: "0.24.0/small" });
    const { code, stdout } = await cli.run(["print", "claude", "--base-url", server.baseUrl]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("tokens before your first word")]);
  });

  test("says that no agent sends the user name and password in an address", async () => {
    const server = await start();
    const baseUrl = server.baseUrl.replace("://", "://me:s3cret@");
    const { code, stdout, stderr } = await cli.run(["print", "pi", "--base-url", baseUrl]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("vllm-connect bridge --upstream <address>")]);
    const direct = await cli.run(["launch", "pi", "--direct", "--base-url", baseUrl], await withPi());
    expect([direct.code, direct.stderr]).toEqual([2, expect.stringContaining("Agents do not send the user name")]);
    expect(stdout + stderr + direct.stdout + direct.stderr).not.toContain("s3cret");
  });

  /** A place where pi is installed. */
  async function withPi(): Promise<Record<string, string>> {
    await cli.write("bin/pi", "#!/bin/sh\n");
    await chmod(cli.path("bin/pi"), 0o755);
    return { PATH: cli.path("bin") };
  }

  test("an agent that there is not", async () => {
    const { code, stderr } = await cli.run(["print", "cursor"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/Unknown agent "cursor"\.\n.*→ Known agents: claude, codex, /);
    expect((await cli.run(["print", "clade"])).stderr).toMatch(/→ Did you mean claude\? Known agents: claude, codex, /);
  });
});

describe("top", () => {
  test("--once: one second of the server's load, for people and for programs", async () => {
    const server = await start();
    const { code, stdout } = await cli.run(["top", server.baseUrl, "--once"]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/requests .* running.*tokens\/s.*KV cache.*first token/s),
    ]);
    const asked = server.requests.length;
    const { json } = await cli.run(["top", server.baseUrl, "--once", "--json"]);
    expect(json()).toMatchObject({ command: "top", ok: true, running: 0, waiting: 0, promptTokens: 0 });
    expect(server.requests.slice(asked).map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /metrics",
      "GET /metrics",
    ]);
  });

  test("a server that is down: exit code 3", async () => {
    const server = await start({ fail: "refuse" });
    expect(await cli.run(["top", server.baseUrl, "--once"])).toMatchObject({ code: 3 });
  });

  test("an answer without an end is read to the limit", async () => {
    const line = `vllm:num_requests_running 1 ${"#".repeat(65_000)}\n`;
    const endless = createServer((request, response) => {
      const pump = (): void => {
        while (!response.destroyed) if (!response.write(line)) return void response.once("drain", pump);
      };
      request.once("close", () => response.destroy());
      pump();
    }).listen(0, "127.0.0.1");
    await once(endless, "listening");
    const { port } = endless.address() as AddressInfo;
    const { code, stderr } = await cli.run(["top", `http://127.0.0.1:${port}`, "--once"]);
    endless.closeAllConnections();
    endless.close();
    expect([code, stderr]).toEqual([1, expect.stringContaining("is larger than 8 MiB")]);
  });

  test("what has no metrics of vLLM", async () => {
    const page = createServer((_request, response) => response.end("<html></html>")).listen(0, "127.0.0.1");
    await once(page, "listening");
    const { port } = page.address() as AddressInfo;
    const { code, stderr } = await cli.run(["top", `http://127.0.0.1:${port}`, "--once"]);
    page.close();
    expect([code, stderr]).toEqual([1, expect.stringContaining("has no metrics of vLLM")]);
  });
});
