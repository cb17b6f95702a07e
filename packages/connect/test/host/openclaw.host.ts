import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HOME_KINDS } from "@vllm-tooling/agent-homes";
import { verifies } from "@vllm-tooling/contract";
import type { FakeVllm } from "@vllm-tooling/fake-vllm";
import { createControlledStream } from "@vllm-tooling/fake-vllm";
import type { Lab } from "@vllm-tooling/vllm-lab";
import { isLabSupported, startLab } from "@vllm-tooling/vllm-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { installOpenClaw } from "./install-openclaw.ts";
import type { OpenClawHome } from "./openclaw-home.ts";
import { createOpenClawHome } from "./openclaw-home.ts";
import { packPackages } from "./pack-packages.ts";
import type { PackageRegistry } from "./package-registry.ts";
import { startPackageRegistry } from "./package-registry.ts";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import type { Person } from "../terminal.ts";
import { CTRL_U, ENTER } from "../terminal.ts";
import type { Answer } from "../written-answers.ts";
import { chats, inTurn, sayCall, sayText } from "../written-answers.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const labPython = fileURLToPath(new URL("../../../../tooling/vllm-lab/python", import.meta.url));

let command: string;
let scratch: string;
let registry: PackageRegistry | undefined;
let home: OpenClawHome;
const start = useFakeServers();

beforeAll(async () => {
  command = await installOpenClaw();
  scratch = await mkdtemp(join(tmpdir(), "adapter-host-"));
  registry = await startPackageRegistry(await packPackages(join(scratch, "tarballs")));
});

afterAll(async () => {
  await registry?.close();
  await rm(scratch, { recursive: true, force: true });
});

beforeEach(async () => {
  home = await createOpenClawHome(command);
});

afterEach(async () => {
  await home.remove();
});

/** A fake vLLM whose answers are written by `answers`, one for each chat request; the last one goes on. */
const startSayingAt = (port: number, answers: readonly Answer[]): Promise<FakeVllm> =>
  start({ port, scenario: inTurn(answers) });

const startSaying = (...answers: readonly Answer[]): Promise<FakeVllm> => startSayingAt(0, answers);

async function setUp(server: { baseUrl: string }): Promise<void> {
  for (const words of [
    ["init-plugin", "--yes"],
    ["setup", "--yes", "--base-url", server.baseUrl],
  ]) {
    const { code, stdout, stderr } = await home.adapter(words);
    expect(`${stdout}${stderr}`, `${words.join(" ")} failed`).not.toMatch(/✖/);
    expect(code).toBe(0);
  }
}

/** As a user does once the packages are published: from the registry, with the agent's own command. */
async function installPlugin(): Promise<void> {
  await writeFile(join(home.home, ".npmrc"), `@vllm:registry=${registry?.url}/\n`);
  const words = ["plugins", "install", "@vllm/coderclaw-adapter", "--force", "--accept-capabilities"];
  const { code, stdout, stderr } = await home.openclaw(words);
  expect(code, stdout + stderr).toBe(0);
}

/** OpenClaw's own set-up, with nothing but an address. */
async function onboard(server: { baseUrl: string }): Promise<void> {
  const fixed = ["onboard", "--non-interactive", "--accept-risk", "--skip-health", "--mode=local"];
  const { code, stdout, stderr } = await home.openclaw([
    ...fixed,
    "--auth-choice=vllm-plus",
    `--custom-base-url=${server.baseUrl}`,
  ]);
  expect(stderr).not.toContain("Missing");
  expect(code, stdout + stderr).toBe(0);
}

async function listedModels(): Promise<object[]> {
  const { stdout } = await home.openclaw(["models", "list", "--provider", "vllm-plus", "--json"]);
  return (JSON.parse(stdout.slice(stdout.indexOf("{"))) as { models: object[] }).models;
}

describe.each(HOME_KINDS)("the packed packages, installed by OpenClaw itself, in $kind", ({ used }) => {
  beforeEach(async () => {
    if (used) await home.use();
  });

  test("install, onboard, models list, an agent run with a tool, the same through a gateway", async () => {
    const makeFile = (name: string) => sayCall("exec", `{"command":"echo done > ${name}"}`);
    const server = await startSaying(makeFile("a.txt"), sayText("I made a."), makeFile("b.txt"), sayText("I made b."));
    await installPlugin();
    const { stdout } = await home.openclaw(["plugins", "inspect", "coderclaw-adapter", "--runtime", "--json"]);
    expect(JSON.parse(stdout.slice(stdout.indexOf("{")))).toMatchObject({
      plugin: { status: "loaded", providerIds: ["vllm-plus"] },
    });
    const dry = await home.adapter(["setup", "--dry-run", "--json", "--base-url", server.baseUrl]);
    expect(JSON.parse(dry.stdout)).toMatchObject({ defaultModel: `vllm-plus/${server.model}` });
    await onboard(server);
    expect(await home.config()).toMatchObject({
      models: {
        providers: { "vllm-plus": { baseUrl: server.baseUrl, models: [{ id: server.model, contextWindow: 32_768 }] } },
      },
    });
    expect(await listedModels()).toMatchObject([{ key: `vllm-plus/${server.model}`, available: true }]);
    const words = ["--thinking", "off"];
    expect(await home.turn("make a", { words })).toMatchObject({ code: 0, text: "I made a.", tools: ["exec"] });
    expect(chats(server)[0]?.["chat_template_kwargs"]).toEqual({ enable_thinking: false });
    const gateway = await home.startGateway();
    try {
      expect(await home.turn("make b", { local: false })).toMatchObject({
        code: 0,
        text: "I made b.",
        tools: ["exec"],
      });
    } finally {
      await gateway.stop();
    }
    expect(await home.files()).toEqual(expect.arrayContaining(["a.txt", "b.txt"]));
    expect(server.requests.filter(({ headers }) => "authorization" in headers)).toEqual([]);
  });

  verifies("agent/openclaw/address-is-enough", "VLLM_BASE_URL alone", async () => {
    const server = await startSaying(sayText("Hello."));
    await installPlugin();
    const env = { VLLM_BASE_URL: server.baseUrl };
    const words = ["--model", `vllm-plus/${server.model}`];
    expect(await home.turn("hello", { env, words })).toMatchObject({ code: 0, text: "Hello." });
  });
});

describe("OpenClaw with our plugin, against recorded and written answers", () => {
  verifies(["agent/openclaw/true-window", "agent/openclaw/configured-model-not-probed"], async () => {
    const server = await start();
    await setUp(server);
    const asked = server.requests.length;
    expect(await listedModels()).toMatchObject([
      { key: `vllm-plus/${server.model}`, contextWindow: 32_768, available: true, tags: ["default"] },
    ]);
    expect(server.requests).toHaveLength(asked);
  });

  verifies(
    ["agent/openclaw/tool-loop", "agent/openclaw/reasoning-replayed", "agent/openclaw/call-ids-kept"],
    "an agent run, without a key",
    async () => {
      const server = await startSaying(sayCall("exec", '{"command":"echo done > made.txt"}'), sayText("I made it."));
      await setUp(server);
      const turn = await home.turn("make a file");
      expect(turn).toMatchObject({ code: 0, text: "I made it.", tools: ["exec"] });
      expect(await home.files()).toContain("made.txt");
      const [, second] = chats(server);
      expect(second?.messages.find(({ role }) => role === "assistant")).toMatchObject({
        reasoning: "I think.",
        tool_calls: [{ id: "chatcmpl-tool-a1" }],
      });
      expect(server.requests.filter(({ headers }) => "authorization" in headers)).toEqual([]);
    },
  );

  verifies("agent/openclaw/truncated-call", "an agent run", async () => {
    const server = await startSaying(
      sayCall("exec", '{"command":"touch cut-ran.txt && echo one two thr'),
      sayText("Never mind."),
    );
    await setUp(server);
    const turn = await home.turn("make a file");
    expect(turn).toMatchObject({ code: 0, text: "Never mind." });
    expect(await home.files()).not.toContain("cut-ran.txt");
    expect(chats(server)).toHaveLength(2);
  });

  verifies("agent/openclaw/missing-argument", async () => {
    const server = await startSaying(sayCall("exec", ""), sayText("Sorry."));
    await setUp(server);
    expect(await home.turn("make a file")).toMatchObject({ code: 0, text: "Sorry." });
    const [, second] = chats(server);
    expect(JSON.stringify(second?.messages.find(({ role }) => role === "tool"))).toMatch(/Validation failed.*command/);
  });

  verifies("agent/openclaw/leaked-call", "an agent run", async () => {
    const call = '<tool_call>\n{"name": "exec", "arguments": {"command": "echo x > found.txt"}}\n</tool_call>';
    const server = await startSaying(sayText(`I will look. ${call}`), sayText("Done."));
    await setUp(server);
    expect(await home.turn("make a file")).toMatchObject({ code: 0, tools: ["exec"] });
    expect(await home.files()).toContain("found.txt");
  });

  verifies("agent/openclaw/thinking-switch", "an agent run", async () => {
    const server = await startSaying(sayText("Hello."));
    await setUp(server);
    for (const level of ["off", "low"]) await home.turn("hello", { words: ["--thinking", level] });
    expect(chats(server).map((body) => body["chat_template_kwargs"])).toEqual([
      { enable_thinking: false },
      { enable_thinking: true },
    ]);
  });

  verifies(["agent/openclaw/server-down", "agent/openclaw/error-shown"], "an agent run", async () => {
    const server = await startSaying(sayText("Hello."));
    await setUp(server);
    const { port } = server;
    await server.close();
    const off = await home.turn("first question", { session: "one" });
    expect(off.text).toContain(`Nothing listens at 127.0.0.1:${port}`);
    expect(off.text).toContain("vllm serve");
    expect(off.stderr).not.toContain("same-model retry");
    const again = await startSayingAt(port, [sayText("Hello.")]);
    expect(await home.turn("second question", { session: "one" })).toMatchObject({ text: "Hello." });
    const sent = JSON.stringify(chats(again)[0]?.messages);
    expect(sent).toContain("first question");
    expect(sent).not.toContain("Nothing listens");
  });

  verifies(
    ["agent/openclaw/silent-server", "agent/openclaw/partial-answer", "agent/openclaw/timeout-seconds"],
    "an agent run",
    async () => {
      const server = await start({ scenario: "0.32.0/lab/agent-long-0" });
      await setUp(server);
      await home.changeConfig((text) => text.replace(/"timeoutSeconds": \d+/, '"timeoutSeconds": 12'));
      server.fail({ kind: "stall", afterBytes: 30_000 });
      const turn = await home.turn("tell me a story");
      expect(turn.text).toMatch(/^Line 0 of the story[^]*⚠️ .* went silent[^]*\[vllm:STREAM_IDLE_TIMEOUT\]$/);
      expect(chats(server)).toHaveLength(1);
    },
  );

  verifies("agent/openclaw/consecutive-user-messages", "merged in an agent run", async () => {
    let asked = 0;
    const server = await start({
      scenario: () => (asked++ === 0 ? "0.32.0/lab/system-second-stream" : "demo"),
    });
    await setUp(server);
    expect((await home.turn("hello")).code).toBe(0);
    expect(chats(server).map(({ messages }) => messages.map(({ role }) => role))).toEqual([
      ["system", "user", "user"],
      ["system", "user"],
    ]);
  });

  verifies("agent/openclaw/wrong-key", async () => {
    const server = await start({ apiKey: "sk-right" });
    expect((await home.adapter(["init-plugin", "--yes"])).code).toBe(0);
    const words = ["setup", "--yes", "--provider", "vllm-plus", "--base-url", server.baseUrl];
    expect((await home.adapter(words, { VLLM_API_KEY: "sk-right" })).code).toBe(0);
    const ask = (key: string) =>
      home.openclaw(["agent", "--local", "--agent", "main", "--session-id", "k", "-m", "hello", "--json"], {
        VLLM_API_KEY: key,
      });
    const wrong = await ask("sk-wrong");
    expect(wrong.stdout).toContain("refused the API key (401)");
    expect((await ask("sk-right")).code).toBe(0);
  });

  describe("a conversation that outgrows the window", () => {
    const WINDOW = 32_768;
    /** A server that counts four characters a token, refuses what is too long as vLLM does, and answers by `say`; summaries it writes itself. */
    async function startCounting(say: (asked: number) => Answer): Promise<{ server: FakeVllm; refused: () => number }> {
      let asked = 0;
      let refused = 0;
      const server = await start({
        scenario({ body, bodyText }) {
          if (bodyText.length / 4 > WINDOW) {
            refused += 1;
            return "0.32.0/lab/prompt-too-long";
          }
          const stream = createControlledStream();
          const isSummary = !("tools" in (body as object));
          (isSummary ? sayText("They talked. This is the summary.") : say((asked += 1)))(stream);
          return stream;
        },
      });
      return { server, refused: () => refused };
    }

    verifies("agent/openclaw/overflow", "compacted in time, so that the server refuses nothing", async () => {
      const { server, refused } = await startCounting((asked) =>
        sayText(`Answer ${asked}. ${"So it is. ".repeat(400)}`),
      );
      await setUp(server);
      for (const subject of ["ants", "bees", "cows", "dogs"]) {
        const turn = await home.turn(`${subject}? `.repeat(20_000 / (subject.length + 2)), { session: "long" });
        expect(turn).toMatchObject({ code: 0, text: expect.stringMatching(/^Answer \d+\. So it is/) });
      }
      const last = JSON.stringify(chats(server).at(-1)?.messages);
      expect(last).toContain("This is the summary.");
      const timesOf = (word: string): number => last.split(word).length - 1;
      expect(timesOf("dogs?")).toBeGreaterThan(3000);
      expect(timesOf("ants?")).toBeLessThan(1000); // a piece of it stays beside the summary
      expect(refused()).toBe(0);
    });

    verifies(
      "agent/openclaw/overflow",
      "where the configuration says more than the server has, no call runs twice",
      async () => {
        const command =
          "node -e \"fs.appendFileSync('ran.txt', 'x'); console.log('A line of the file. '.repeat(700))\"";
        const say = sayCall("exec", JSON.stringify({ command }));
        const { server, refused } = await startCounting((asked) => (asked <= 8 ? say : sayText("I read it all.")));
        await setUp(server);
        await home.changeConfig((text) =>
          text
            .replace(/"contextWindow": \d+/, '"contextWindow": 131072')
            .replace(/"contextTokens": \d+/, '"contextTokens": 117964'),
        );
        const turn = await home.turn("Read the file.");
        expect(turn).toMatchObject({ code: 0, text: "I read it all." });
        expect(refused()).toBe(1);
        expect(JSON.stringify(chats(server).at(-1)?.messages)).toContain("This is the summary.");
        expect(await readFile(join(home.workspace, "ran.txt"), "utf8")).toBe("x".repeat(8));
      },
    );
  });

  describe.each(HOME_KINDS)(
    "openclaw models auth login and onboard, with a person at the terminal, in $kind",
    ({ used }) => {
      beforeEach(async () => {
        if (used) await home.use();
      });

      let person: Person;

      const expectDefaultModel = async (server: FakeVllm): Promise<void> => {
        expect(await listedModels()).toMatchObject([
          {
            key: `vllm-plus/${server.model}`,
            contextWindow: 32_768,
            available: true,
            tags: expect.arrayContaining(["default"]),
          },
        ]);
      };

      const logIn = async (server: FakeVllm, ...keys: string[]): Promise<void> => {
        expect((await home.adapter(["init-plugin", "--yes"])).code).toBe(0);
        person = home.openTerminal(["models", "auth", "login", "--provider", "vllm-plus", "--set-default"]);
        await person.see(/◆ +vLLM base URL/, 60_000);
        person.type(CTRL_U + server.baseUrl + ENTER);
        for (const [index, key] of keys.entries()) {
          await person.see(index === 0 ? /◆ +vLLM API key/ : /◆ +vLLM API key \(the same again/, 60_000);
          person.type(key + ENTER);
        }
        await person.see(/◆ +vLLM model/, 60_000);
        expect(person.screen()).toContain(`${server.model} (32768 tokens)`);
        person.type(ENTER);
        await person.see(/Default model set to vllm-plus\//, 60_000);
        expect(await person.ended).toBe(0);
        await expectDefaultModel(server);
      };

      afterEach(() => person.leave());

      test("Enter for a server without a key; no key is sent afterwards", async () => {
        const server = await startSaying(sayText("Hello."));
        await logIn(server, "");
        expect(await home.turn("hello")).toMatchObject({ code: 0, text: "Hello." });
        expect(server.requests.every(({ headers }) => !("authorization" in headers))).toBe(true);
      });

      test("openclaw onboard, the long wizard: asks the server, tries it, and writes its models", async () => {
        const server = await startSaying(sayText("Hello."));
        expect((await home.adapter(["init-plugin", "--yes"])).code).toBe(0);
        const skipped = ["channels", "skills", "ui", "daemon", "search", "hooks", "health"].map(
          (part) => `--skip-${part}`,
        );
        const fixed = ["--classic", "--accept-risk", "--flow", "quickstart", "--mode", "local"];
        person = home.openTerminal(["onboard", ...fixed, ...skipped, "--auth-choice", "vllm-plus"]);
        await person.see(/Help make OpenClaw better\?[^]*○ Yes/, 60_000);
        person.type(ENTER);
        await person.see(/◆ +vLLM base URL/, 60_000);
        person.type(CTRL_U + server.baseUrl + ENTER);
        await person.see(/◆ +vLLM API key/);
        person.type(ENTER);
        await person.see(/◆ +vLLM model/, 60_000);
        person.type(ENTER);
        await person.see(/Test AI access now/, 60_000);
        person.type(ENTER);
        await person.see(/AI access works/, 60_000);
        expect(await person.ended).toBe(0);
        await expectDefaultModel(server);
      });

      test("a key is asked for until it fits, hidden, kept out of the configuration, and sent afterwards", async () => {
        const server = await start({ apiKey: "sk-right" });
        await logIn(server, "sk-wrong", "sk-right");
        expect(person.screen()).toContain("refused the API key (401)");
        expect(person.raw()).not.toMatch(/sk-right|sk-wrong/);
        expect(JSON.stringify(await home.config())).not.toContain("sk-right");
        expect((await home.turn("hello")).text).toContain("I am a scripted model");
      });
    },
  );

  test.each(HOME_KINDS)("--take-over: the id vllm is ours, in $kind", async ({ used }) => {
    if (used) await home.use();
    const server = await startSaying(sayText("Hello."));
    await home.adapter(["init-plugin", "--yes", "--take-over"]);
    await home.adapter(["setup", "--yes", "--base-url", server.baseUrl]);
    expect(await home.turn("hello")).toMatchObject({ code: 0, text: "Hello." });
    expect(server.requests.at(-1)?.headers["user-agent"] ?? "").not.toMatch(/OpenAI/);
  });
});

const support = await isLabSupported();

describe.runIf(support.supported)("OpenClaw with our plugin, against a real vLLM", () => {
  let lab: Lab;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "adapter-lab-"));
    await cp(here, folder, { recursive: true });
    lab = await startLab({
      flags: [
        "--max-model-len=131072",
        "--logits-processors=agent_script:Scripted",
        "--enable-auto-tool-choice",
        "--tool-call-parser=hermes",
        "--reasoning-parser=qwen3",
      ],
      env: { PYTHONPATH: `${labPython}:${folder}`, LAB_SCRIPT: join(folder, "agent-replies.json") },
    });
  });

  afterAll(async () => {
    await lab?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("from nothing to an agent run that used two tools, and the same through a gateway", async () => {
    await installPlugin();
    await onboard(lab);
    const turn = await home.turn("what do my notes say?");
    expect(turn).toMatchObject({ code: 0, tools: ["exec", "read"], text: expect.stringContaining("the sky is green") });
    expect(turn.contextTokens).toBeGreaterThan(100_000);
    const gateway = await home.startGateway();
    try {
      const through = await home.turn("what do my notes say?", { local: false });
      expect(through).toMatchObject({ code: 0, tools: ["exec", "read"] });
    } finally {
      await gateway.stop();
    }
  });

  verifies("agent/openclaw/truncated-call", "an agent run", async () => {
    await setUp(lab);
    const turn = await home.turn("make a file");
    expect(turn.code).toBe(0);
    expect(turn.text).toContain("I could not make it.");
    expect(await home.files()).toEqual(["notes.txt"]);
  });
});
