import { stat } from "node:fs/promises";
import { findFreePort } from "@vllm-tooling/vllm-lab";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AdapterFinding } from "@vllm/coderclaw-adapter/internal";
import { askBridge } from "@vllm/bridge/internal";
import { portOf, post, setUp, startBridge, tearDown } from "./bridge-harness.ts";
import type { CliHome } from "./cli-harness.ts";
import { createCliHome } from "./cli-harness.ts";
import { HOME_KINDS } from "@vllm-tooling/agent-homes";

let cli: CliHome;
afterEach(async () => {
  await tearDown();
  await cli.remove();
});

const HOST = ["--agent", "coderclaw"];

interface DoctorAnswer {
  ok: boolean;
  servers: { baseUrl: string; state: string; bridge?: object; findings: AdapterFinding[] }[];
}

async function askDoctor(): Promise<{ code: number; server: DoctorAnswer["servers"][number] }> {
  const run = await cli.run(["doctor", ...HOST, "--json"]);
  return { code: run.code, server: run.json<DoctorAnswer>().servers[0]! };
}

describe.each(HOME_KINDS)("a bridge, in $kind", ({ used }) => {
  beforeEach(async () => {
    cli = await createCliHome({ used });
  });

  describe("setup --bridge", () => {
    test("writes the bridge's address with the server's windows, and prints how to keep it running", async () => {
      await using fake = await startFakeVllm();
      const port = await findFreePort();
      const words = ["setup", ...HOST, "--yes", "--base-url", fake.baseUrl, "--bridge", String(port)];
      const { code, stdout } = await cli.run(words);
      expect(code).toBe(0);
      const config = JSON.parse(await cli.read(".coderclaw/coderclaw.json")) as {
        models: { providers: { vllm: { baseUrl: string; models: object[] } } };
      };
      const { baseUrl, models } = config.models.providers.vllm;
      expect(baseUrl).toBe(`http://127.0.0.1:${port}/v1`);
      expect(models).toMatchObject([{ id: fake.model, contextWindow: 32_768 }]);
      expect(stdout).toContain(`vllm-connect bridge --upstream ${fake.baseUrl} --port ${port}`);
      if (process.platform === "linux") {
        expect(stdout).toContain("systemctl --user enable --now vllm-bridge");
        expect(stdout).toMatch(
          new RegExp(`^ExecStart=.* bridge --upstream ${fake.baseUrl} --port ${port} --drop-reasoning-tokens$`, "m"),
        );
      }
    });

    test("a second time needs no address: what is recorded tells what is behind a bridge that does not run", async () => {
      await using fake = await startFakeVllm();
      const port = String(await findFreePort());
      await cli.run(["setup", ...HOST, "--yes", "--base-url", fake.baseUrl, "--bridge", port]);
      const again = await cli.run(["setup", ...HOST, "--yes", "--json", "--bridge", port]);
      const bridge = { upstream: fake.baseUrl, baseUrl: `http://127.0.0.1:${port}/v1` };
      expect(again.json()).toMatchObject({ ok: true, changed: false, bridge });
    });

    test("a bridge that runs tells it itself; without the option it stays where it is", async () => {
      const { baseUrl, bridge, fake } = await setUp();
      const plain = await cli.run(["setup", ...HOST, "--yes", "--json", "--base-url", baseUrl]);
      expect(plain.json()).toMatchObject({ ok: true, baseUrl });
      const again = await cli.run(["setup", ...HOST, "--yes", "--json", "--bridge", String(portOf(bridge))]);
      expect(again.json()).toMatchObject({ ok: true, changed: false, bridge: { upstream: fake.baseUrl, baseUrl } });
    });

    test.each([
      [["--bridge", "x"], /"x" is not a port/],
      [["--bridge", "1", "--base-url", "http://127.0.0.1:1"], /does not answer|No server/],
    ])("%j is refused with advice, and nothing is written", async (words, expected) => {
      const before = await cli.files();
      const { code, stdout, stderr } = await cli.run(["setup", ...HOST, "--yes", ...words]);
      expect(code).toBeGreaterThan(0);
      expect(stdout + stderr).toMatch(expected);
      expect(await cli.files()).toEqual(before);
    });

    test("a bridge in front of itself is refused", async () => {
      const { baseUrl, bridge } = await setUp();
      const words = ["setup", ...HOST, "--yes", "--base-url", baseUrl, "--bridge", String(portOf(bridge))];
      const { code, stderr } = await cli.run(words);
      expect(code).toBe(2);
      expect(stderr).toMatch(/in front of itself/);
    });
  });

  describe("doctor", () => {
    test("a bridge that runs: said, and what is behind it is examined", async () => {
      await using fake = await startFakeVllm();
      const port = await findFreePort();
      await startBridge({ upstream: fake.baseUrl }, port);
      await cli.run(["setup", ...HOST, "--yes", "--base-url", fake.baseUrl, "--bridge", String(port)]);
      const { code, server } = await askDoctor();
      expect([code, server.state]).toEqual([0, "ready"]);
      expect(server.bridge).toMatchObject({ isRunning: true, upstream: fake.baseUrl });
      const { stdout } = await cli.run(["doctor", ...HOST]);
      expect(stdout).toContain(`bridge: running at http://127.0.0.1:${port}/v1, in front of ${fake.baseUrl}`);
    });

    test("a bridge that does not run: that is what is wrong, and the command to start it", async () => {
      await using fake = await startFakeVllm();
      const port = await findFreePort();
      await cli.run(["setup", ...HOST, "--yes", "--base-url", fake.baseUrl, "--bridge", String(port)]);
      const { code, server } = await askDoctor();
      expect(code).toBe(3);
      expect(server.bridge).toMatchObject({ isRunning: false, upstream: fake.baseUrl });
      const errors = server.findings.filter(({ severity }) => severity === "error");
      expect(errors).toMatchObject([
        {
          code: "BRIDGE_NOT_RUNNING",
          fix: `vllm-connect bridge --upstream ${fake.baseUrl} --port ${port} --drop-reasoning-tokens`,
        },
      ]);
      for (const command of ["sync", "models"]) {
        const { stdout } = await cli.run([command, ...HOST, ...(command === "sync" ? ["--yes"] : [])]);
        expect(stdout).toContain("vllm-connect bridge --upstream");
        expect(stdout).not.toContain("vllm serve");
      }
    });

    test.skipIf(process.platform !== "linux")(
      "a bridge of systemd that does not run: its unit is started",
      async () => {
        await using fake = await startFakeVllm();
        const port = await findFreePort();
        await cli.run(["setup", ...HOST, "--yes", "--base-url", fake.baseUrl, "--bridge", String(port)]);
        await cli.write(".config/systemd/user/vllm-bridge.service", "[Service]\n");
        const [first] = (await askDoctor()).server.findings;
        expect(first?.fix).toMatch(/^systemctl --user start vllm-bridge /);
      },
    );

    test("a bridge whose vLLM has a dead engine", async () => {
      const { baseUrl, fake } = await setUp({ scenario: "hello-stream" }, { resume: false });
      await cli.run(["setup", ...HOST, "--yes", "--base-url", baseUrl]);
      fake.fail("engine-dies");
      await post(baseUrl, { model: fake.model, messages: [{ role: "user", content: "Hello" }], stream: true });
      const direct = await cli.run(["doctor", ...HOST, "--json", "--base-url", fake.baseUrl]);
      const [expected] = direct.json<DoctorAnswer>().servers;
      const { server } = await askDoctor();
      expect(expected?.state).not.toBe("ready");
      expect(server).toMatchObject({ state: expected?.state, baseUrl: fake.baseUrl, bridge: { isRunning: true } });
    });

    test("--active asks vLLM itself: a bridge mends what is to be found", async () => {
      const { baseUrl, fake } = await setUp();
      await cli.run(["setup", ...HOST, "--yes", "--base-url", baseUrl]);
      const before = fake.requests.length;
      const run = await cli.run(["doctor", ...HOST, "--active", "--json"]);
      const [server] = run.json<DoctorAnswer>().servers;
      expect(server).toMatchObject({ baseUrl: fake.baseUrl, state: "ready", bridge: { isRunning: true, baseUrl } });
      expect(fake.requests.length).toBeGreaterThan(before);
    });

    test("a bridge whose vLLM is down: the server's own trouble is shown, with its address", async () => {
      const fake = await startFakeVllm();
      const port = await findFreePort();
      await cli.run(["setup", ...HOST, "--yes", "--base-url", fake.baseUrl, "--bridge", String(port)]);
      await fake.close();
      await startBridge({ upstream: fake.baseUrl }, port);
      const { code, server } = await askDoctor();
      expect([code, server.state, server.baseUrl]).toEqual([3, "unreachable", fake.baseUrl]);
      expect(server.bridge).toMatchObject({ isRunning: true });
      expect(server.findings.map((finding) => finding.code)).toContain("SERVER_REFUSED");
    });
  });

  /** The key of a further server is stored; that of `vllm` may stay in the variable that the agent reads itself. */
  const FURTHER = [...HOST, "--provider", "vllm-gpu1"];

  describe("a bridge with a key of its own", () => {
    const own = { key: "own-secret", apiKey: "vllm-secret" };

    test("setup stores the bridge's key where the agent keeps keys; doctor finds nothing wrong", async () => {
      const { baseUrl } = await setUp({ apiKey: "vllm-secret" }, own);
      const words = ["setup", ...FURTHER, "--yes", "--base-url", baseUrl];
      const { code, stdout } = await cli.run(words, { VLLM_GPU1_API_KEY: "own-secret" });
      expect(code).toBe(0);
      expect(stdout).not.toContain("own-secret");
      const profiles = ".coderclaw/agents/main/agent/auth-profiles.json";
      expect(await cli.read(profiles)).toContain('"key": "own-secret"');
      expect((await stat(cli.path(profiles))).mode & 0o077).toBe(0);
      expect(await cli.read(".coderclaw/coderclaw.json")).not.toContain("own-secret");
      const { code: doctorCode, server } = await askDoctor();
      expect([doctorCode, server.state]).toEqual([0, "ready"]);
      expect(server.bridge).toMatchObject({ isRunning: true });
      const active = await cli.run(["doctor", ...HOST, "--active", "--json"]);
      expect(active.json<DoctorAnswer>().servers).toMatchObject([{ state: "ready", bridge: { isRunning: true } }]);
    });

    test("doctor says whose key is wrong, and setup puts it right", async () => {
      const { baseUrl } = await setUp({ apiKey: "vllm-secret" }, own);
      await cli.run(["setup", ...FURTHER, "--yes", "--base-url", baseUrl], { VLLM_GPU1_API_KEY: "own-secret" });
      await tearDown();
      const { bridge } = await setUp({ apiKey: "vllm-secret" }, { ...own, key: "new-secret" });
      const config = (await cli.read(".coderclaw/coderclaw.json")).replace(baseUrl, bridge.baseUrl ?? "");
      await cli.write(".coderclaw/coderclaw.json", config);
      const { code, server } = await askDoctor();
      expect([code, server.state]).toEqual([1, "locked"]);
      const errors = server.findings.filter(({ severity }) => severity === "error");
      expect(errors).toMatchObject([
        {
          code: "KEY_MISSING",
          message: expect.stringMatching(/The bridge at .* has a key of its own.*VLLM_BRIDGE_KEY/),
          fix: expect.stringMatching(
            /vllm-connect setup .*--provider vllm-gpu1 asks for the key and stores it.*VLLM_GPU1_API_KEY/,
          ),
        },
      ]);
      await cli.run(["setup", ...FURTHER, "--yes"], { VLLM_GPU1_API_KEY: "new-secret" });
      expect((await askDoctor()).server.state).toBe("ready");
    });

    test("vLLM's own trouble is told by the bridge: its key is not the agent's", async () => {
      const { baseUrl, fake } = await setUp({ apiKey: "vllm-secret" }, own);
      await cli.run(["setup", ...FURTHER, "--yes", "--base-url", baseUrl], { VLLM_GPU1_API_KEY: "own-secret" });
      fake.fail({ kind: "no-workers-503", paths: /.*/ });
      const { server } = await askDoctor();
      expect(server.findings.map(({ code }) => code)).not.toContain("KEY_WRONG");
    });
  });

  describe("the service of setup --bridge", () => {
    test("passes the agent's own key on, whatever the environment holds", async () => {
      await using fake = await startFakeVllm({ apiKey: "vllm-secret" });
      const port = await findFreePort();
      const words = ["setup", ...FURTHER, "--yes", "--base-url", fake.baseUrl, "--bridge", String(port)];
      const { code, stdout } = await cli.run(words, { VLLM_GPU1_API_KEY: "vllm-secret" });
      expect(code).toBe(0);
      expect(stdout).not.toContain("vllm-secret");
      if (process.platform === "linux") expect(stdout).toMatch(/^UnsetEnvironment=VLLM_API_KEY VLLM_BRIDGE_KEY$/m);
      // The key that setup stored opens the service, and a bridge in a terminal that has the variable.
      for (const options of [{}, { apiKey: "vllm-secret", key: "vllm-secret" }]) {
        await startBridge({ upstream: fake.baseUrl, ...options }, port);
        const { code: doctorCode, server } = await askDoctor();
        expect([doctorCode, server.state]).toEqual([0, "ready"]);
        await tearDown();
      }
    });
  });

  describe("GET /vllm-bridge", () => {
    test("tells what is behind it, and nothing secret", async () => {
      const { baseUrl, fake } = await setUp({ apiKey: "secret-of-vllm" }, { apiKey: "secret-of-vllm", open: true });
      const status = await askBridge({ baseUrl });
      expect(status).toEqual({
        bridge: expect.stringMatching(/^\d+\.\d+\.\d+/),
        upstream: fake.baseUrl,
        upstreamState: "ready",
        running: 0,
      });
      expect(JSON.stringify(status)).not.toContain("secret");
      fake.fail({ kind: "close-before-headers", paths: /.*/ });
      expect(await askBridge({ baseUrl })).toMatchObject({ upstreamState: "unreachable" });
    });

    test("is for those who have the key", async () => {
      const { baseUrl } = await setUp({}, { key: "bridge-secret" });
      expect(await askBridge({ baseUrl })).toBeUndefined();
      expect(await askBridge({ baseUrl, apiKey: "bridge-secret" })).toMatchObject({ upstreamState: "ready" });
    });

    test("is not vLLM's", async () => {
      await using fake = await startFakeVllm();
      expect(await askBridge({ baseUrl: fake.baseUrl })).toBeUndefined();
      expect(await askBridge({ baseUrl: "http://127.0.0.1:1" })).toBeUndefined();
      expect(await askBridge({ baseUrl: "not an address://" })).toBeUndefined();
    });
  });
});
