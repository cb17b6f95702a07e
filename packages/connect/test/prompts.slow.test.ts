import { rm } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import JSON5 from "json5";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CliHome } from "./cli-harness.ts";
import { createCliHome } from "./cli-harness.ts";
import { HOME_KINDS } from "@vllm-tooling/agent-homes";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import type { Person } from "./terminal.ts";
import { CTRL_C, DOWN, ENTER, openTerminal } from "./terminal.ts";

const MAIN = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const CONFIG = ".coderclaw/coderclaw.json";

let cli: CliHome;
const start = useFakeServers();

afterEach(async () => {
  await cli.remove();
});

const open = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Person =>
  openTerminal(process.execPath, ["--conditions=@vllm/source", MAIN, ...words], {
    cwd: fileURLToPath(new URL(".", pathToFileURL(MAIN))),
    env: { HOME: cli.home, PATH: "", ...env },
  });

describe.each(HOME_KINDS)("with a person, in $kind", ({ used }) => {
  beforeEach(async () => {
    cli = await createCliHome({ used });
  });

  describe("setup, with a person", () => {
    test("a server at the first place one looks: Enter, Enter, done", async () => {
      const server = await start();
      const person = open(["setup"], { VLLM_BASE_URL: server.baseUrl });
      await person.see(/found: press Enter/);
      person.type(ENTER);
      await person.see(/Window.*Answer/s);
      await person.see(/Write it\?/);
      person.type(ENTER);
      await person.see(/The default model is/);
      expect(await person.ended).toBe(0);
      expect(JSON5.parse(await cli.read(CONFIG)).agents.defaults.model.primary).toBe(`vllm/${server.model}`);
      expect(person.raw()).toContain("\u001b[32m");
    });

    test("an address that does not answer is explained and asked for again", async () => {
      const server = await start();
      const dead = await start({ fail: "refuse" });
      const person = open(["setup"], { VLLM_BASE_URL: dead.baseUrl });
      await person.see(/Address of your vLLM server/);
      person.type(ENTER);
      await person.see(/the connection was refused/);
      await person.see(/Address of your vLLM server/);
      // As people do: without deleting what stands there.
      person.type(server.baseUrl + ENTER);
      await person.see(/Write it\?/);
      person.type(ENTER);
      expect(await person.ended).toBe(0);
      expect(await cli.read(CONFIG)).toContain(server.baseUrl);
    });

    test("nonsense is refused at the prompt", async () => {
      const server = await start();
      const person = open(["setup"], { VLLM_BASE_URL: server.baseUrl });
      await person.see(/press Enter/);
      person.type(" and more" + ENTER);
      await person.see(/is not the address of an HTTP server/);
      person.type(CTRL_C);
      expect(await person.ended).toBe(130);
    });

    test("a guarded server asks for its key, hides it, asks again for a wrong one, and stores the right one", async () => {
      const server = await start({ apiKey: "sk-right" });
      const person = open(["setup"], { VLLM_BASE_URL: server.baseUrl });
      await person.see(/vLLM server/);
      person.type(ENTER);
      await person.see(/API key of/);
      person.type("sk-wrong" + ENTER);
      await person.see(/refused the API key/);
      await person.see(/API key of/);
      person.type("sk-right" + ENTER);
      await person.see(/Write it\?/);
      person.type(ENTER);
      expect(await person.ended).toBe(0);
      expect(person.raw()).not.toMatch(/sk-right|sk-wrong/);
      expect(await cli.read(".coderclaw/agents/main/agent/auth-profiles.json")).toContain("sk-right");
      expect(await cli.read(CONFIG)).not.toContain("sk-right");
    });

    test("several models: the arrows choose", async () => {
      const server = await start({ config: "0.32.0/multi-name" });
      const listed = (await (await fetch(`${server.baseUrl}/models`)).json()) as { data: { id: string }[] };
      const person = open(["setup", "--base-url", server.baseUrl]);
      await person.see(/Which model should be the default\?/);
      person.type(DOWN);
      person.type(ENTER);
      await person.see(/Write it\?/);
      person.type(ENTER);
      await person.see(/It will not work yet/);
      expect(await person.ended).toBe(1); // the recorded server has 4096 tokens: written, and said that the agent refuses it
      expect(JSON5.parse(await cli.read(CONFIG)).agents.defaults.model.primary).toBe(`vllm/${listed.data[1]?.id}`);
    });

    test("two agents: the arrows choose", async () => {
      const server = await start();
      await cli.write(CONFIG, "{}");
      await cli.write(".openclaw/openclaw.json", "{}");
      const person = open(["setup", "--base-url", server.baseUrl]);
      await person.see(/Which agent\?/);
      person.type(DOWN);
      person.type(ENTER);
      await person.see(/vLLM → OpenClaw/);
      await person.see(/Write it\?/);
      person.type(ENTER);
      expect(await person.ended).toBe(0);
      expect(await cli.read(".openclaw/openclaw.json")).toContain(server.baseUrl);
      expect(person.screen()).toContain("--agent openclaw");
    });

    test("no is no", async () => {
      const server = await start();
      const before = await cli.files();
      const person = open(["setup", "--base-url", server.baseUrl]);
      await person.see(/Write it\?/);
      person.type("n");
      await person.see(/Nothing was written/);
      expect(await person.ended).toBe(0);
      expect(await cli.files()).toEqual(before);
    });

    test.each(["at the first question", "at the last one"])("Ctrl-C %s leaves nothing behind", async (when) => {
      const server = await start();
      const before = await cli.files();
      const person = open(["setup"], { VLLM_BASE_URL: server.baseUrl });
      await person.see(/press Enter/);
      if (when === "at the last one") {
        person.type(ENTER);
        await person.see(/Write it\?/);
      }
      person.type(CTRL_C);
      expect(await person.ended).toBe(130);
      expect(person.screen()).toContain("nothing was written");
      expect(await cli.files()).toEqual(before);
    });
  });

  describe("waiting", () => {
    test("over 300 ms there is a spinner with the time, and Ctrl-C ends it at once", async () => {
      const server = await start({ fail: { kind: "stall-before-headers", paths: /./ } });
      const person = open(["doctor", "--base-url", server.baseUrl]);
      await person.see(/Looking at http.* 0\.\d s/);
      await person.see(/ 1\.\d s/);
      const before = performance.now();
      person.type(CTRL_C);
      expect(await person.ended).toBe(130);
      expect(performance.now() - before).toBeLessThan(2000);
      expect(person.raw()).toContain("\u001b[?25h");
      expect(person.screen()).toMatch(/✖ Stopped\.\n {2}→ Run the command again\.\n$/);
    });
  });

  test("another program holds the file's lock: one sees what is waited for, and it is written when the lock is free", async () => {
    const server = await start();
    await cli.write(CONFIG, "{}");
    const lock = `${CONFIG}.vllm-connect.lock`;
    await cli.write(lock, JSON.stringify({ pid: process.pid, createdAt: new Date().toISOString() }));
    const person = open(["setup", "--yes", "--base-url", server.baseUrl]);
    await person.see(/Writing ~\/\.coderclaw\/.*coderclaw\.json 0\.\d s/);
    await rm(cli.path(lock));
    expect(await person.ended).toBe(0);
    expect(await cli.read(CONFIG)).toContain(server.baseUrl);
  });

  test("sync asks before it writes", async () => {
    const server = await start();
    const text = `{ models: { providers: { vllm: { baseUrl: "${server.baseUrl}", models: [] } } } }`;
    await cli.write(CONFIG, text);
    const person = open(["sync"]);
    await person.see(/Write it\?/);
    person.type("n");
    expect(await person.ended).toBe(0);
    expect(await cli.read(CONFIG)).toBe(text);
  });

  test("undo shows the difference and asks", async () => {
    const server = await start();
    await cli.write(CONFIG, "{ /* mine */ }");
    await cli.run(["setup", "--yes", "--base-url", server.baseUrl]);
    const person = open(["undo"]);
    await person.see(/Bring .*\.bak back\?/);
    person.type(ENTER);
    expect(await person.ended).toBe(0);
    expect(await cli.read(CONFIG)).toBe("{ /* mine */ }");
  });
});
