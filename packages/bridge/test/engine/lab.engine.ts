import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { verifies } from "@vllm-tooling/contract";
import type { Lab, StartLabOptions } from "@vllm-tooling/vllm-lab";
import { isLabSupported, startLab } from "@vllm-tooling/vllm-lab";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { AgentsTable } from "./agents-table.ts";
import { createAgentsTable, lastOf } from "./agents-table.ts";
import { installEngine } from "./install-engine.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const labPython = fileURLToPath(new URL("../../../../tooling/vllm-lab/python", import.meta.url));
const support = await isLabSupported();
const limits = { timeouts: { firstTokenMs: 15_000, idleMs: 15_000 } };

let table: AgentsTable;
let folder: string;
let lab: Lab;

beforeAll(async () => {
  if (!support.supported) return;
  table = createAgentsTable(await installEngine(), "A real vLLM 0.32.0 (`test/engine/lab.engine.ts`)");
  folder = await mkdtemp(join(tmpdir(), "engine-lab-"));
  await cp(join(here, "engine-replies.json"), join(folder, "replies.json"));
});
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** A real vLLM that says what `engine-replies.json` tells it to. */
async function start(flags: readonly string[], options: StartLabOptions = {}): Promise<void> {
  lab = await startLab({
    ...options,
    flags: ["--max-model-len=16384", "--logits-processors=agent_script:Scripted", ...flags],
    env: { PYTHONPATH: `${labPython}:${folder}`, LAB_SCRIPT: join(folder, "replies.json") },
  });
}

const measure = (scenario: string, message: string, more: Partial<Parameters<AgentsTable["measure"]>[0]> = {}) =>
  table.measure({ scenario, baseUrl: lab.baseUrl, ...more, job: { message, ...more.job } });

async function readMetric(name: string): Promise<number> {
  const metrics = await (await fetch(lab.baseUrl.replace("/v1", "/metrics"))).text();
  return Number(new RegExp(`^vllm:${name}\\{[^}]*\\} ([\\d.e+]+)$`, "m").exec(metrics)?.[1]);
}

const countRunning = () => readMetric("num_requests_running");

/** Fulfilled when vLLM is well into a long answer. */
async function untilAnswering(): Promise<void> {
  const before = await readMetric("generation_tokens_total");
  const most = { timeout: 90_000, interval: 100 };
  await expect.poll(() => readMetric("generation_tokens_total"), most).toBeGreaterThan(before + 60);
}

describe.runIf(support.supported)("a server with parsers", () => {
  beforeAll(() => start(["--enable-auto-tool-choice", "--tool-call-parser=hermes", "--reasoning-parser=qwen3"]));
  afterAll(() => lab?.stop());

  verifies("agent/coderclaw/engine-usage", async () => {
    const { direct, bridged } = await measure('one turn, "Hello"', "case-hello");
    expect(bridged.shown.trim()).toBe("Hello there! How can I help you today?");
    const [ofDirect, ofBridged] = [lastOf(direct).usage, lastOf(bridged).usage];
    expect(ofBridged.output).toBeLessThan(ofDirect.output);
    expect(ofBridged.totalTokens).toBe(ofBridged.input + ofBridged.cacheRead + ofBridged.output);
  });

  verifies("agent/coderclaw/engine-tool-loop", "exec, then read, then an answer", async () => {
    const { direct, bridged } = await measure("exec, then read, then an answer", "case-list: what do my notes say?");
    for (const { ran, shown } of [direct, bridged]) {
      expect(ran).toEqual(['exec {"command":"ls"}', 'read {"path":"notes.txt"}']);
      expect(shown).toContain("the sky is green");
    }
  });

  verifies.each(
    "agent/coderclaw/engine-truncated-call",
    [
      ["tool call that ends in the middle of its JSON", "case-cut"],
      ["closed tag, JSON cut", "case-bad"],
    ],
    async ([scenario, message]) => {
      const { direct, bridged } = await measure(scenario, message);
      expect(direct.files).toEqual(["cut-ran.txt"]);
      expect(bridged).toMatchObject({ ran: [], files: [] });
      expect(bridged.shown).toContain("I could not make it.");
    },
  );

  verifies("agent/coderclaw/engine-wrong-arguments", async () => {
    const { bridged } = await measure("wrong argument name", "case-wrongargs");
    expect(bridged).toMatchObject({ ran: [], files: [] });
    expect(bridged.shown).toContain("The tool said something.");
  });

  verifies("agent/coderclaw/engine-tool-loop", "a call without arguments", async () => {
    const { bridged } = await measure("a call without arguments", "case-noargs");
    expect(bridged.ran).toEqual(["now {}"]);
  });

  verifies("agent/coderclaw/engine-unknown-model", async () => {
    const { bridged } = await measure("unknown model", "case-hello", {
      job: { message: "case-hello", model: { id: "lab/tinny" } },
    });
    expect(lastOf(bridged).errorMessage).toMatch(/^404 .*lab\/tiny/);
  });

  verifies("agent/coderclaw/engine-overflow", async () => {
    const { bridged } = await measure("window 16384, conversation larger", "word ".repeat(60_000), {
      job: { first: "case-hello", message: "word ".repeat(60_000) },
    });
    expect(lastOf(bridged)).toMatchObject({ isOverflow: true });
    const { bridged: own } = await measure("window 16384, first message larger", "word ".repeat(60_000));
    expect(lastOf(own)).toMatchObject({ stopReason: "error", isOverflow: false });
  });

  verifies("agent/coderclaw/engine-overflow", "prompt and output limit together are none", async () => {
    const { bridged } = await measure("prompt fits, prompt + 16384 over the window", "case-hello", {
      job: { message: "case-hello", model: { maxTokens: 16_384 } },
    });
    expect(lastOf(bridged).stopReason).toBe("stop");
  });

  verifies("agent/coderclaw/engine-unopened-reasoning", async () => {
    const { bridged } = await measure("thought without opening tag", "case-forgot");
    expect(bridged.shown.trim()).toBe("The answer is 4.");
  });

  verifies.each("agent/coderclaw/engine-empty-turn", ["case-nothing", "case-thoughtonly"], async (message) => {
    const { direct, bridged } = await measure(`empty turn (${message})`, message);
    expect([lastOf(bridged).stopReason, bridged.shown, bridged.thought]).toEqual([
      lastOf(direct).stopReason,
      direct.shown,
      direct.thought,
    ]);
  });

  verifies("agent/coderclaw/engine-pictures", async () => {
    const { bridged } = await measure("picture, model entry with image", "case-hello", {
      job: { message: "case-hello", withPicture: true, model: { input: ["text", "image"] } },
    });
    expect(lastOf(bridged).errorMessage).toMatch(/^400 The model takes text only/);
  });

  verifies("agent/coderclaw/engine-abort", async () => {
    const { bridged } = await measure("user interrupts in mid-answer", "case-story", {
      job: { message: "case-story", abortAfter: 200 },
    });
    expect(lastOf(bridged).stopReason).toBe("aborted");
    await expect.poll(countRunning, { timeout: 10_000 }).toBe(0);
  });

  verifies("agent/coderclaw/engine-silent-server", "in mid-answer", async () => {
    const { direct, bridged } = await measure(
      "server silent in mid-answer (SIGSTOP; limits of the bridge 15 s, engine stopped after 40 s)",
      "case-story",
      {
        job: { message: "case-story", limitMs: 40_000 },
        bridge: limits,
        before: () => lab.resume("api"),
        during: async () => {
          await untilAnswering();
          lab.pause("api");
        },
      },
    );
    lab.resume("api");
    expect(direct.gaveUp).toBe(true);
    expect(bridged.shown).not.toBe("");
    expect(lastOf(bridged).errorMessage).toMatch(/went silent/);
  });

  verifies("agent/coderclaw/engine-silent-server", "from the start", async () => {
    const { direct, bridged } = await measure("server silent from the start (the same limits)", "case-hello", {
      job: { message: "case-hello", limitMs: 30_000 },
      bridge: limits,
      before: () => lab.pause("api"),
    });
    lab.resume("api");
    expect(direct.gaveUp).toBe(true);
    expect(lastOf(bridged).errorMessage).toMatch(/No first token/);
  });

  verifies("agent/coderclaw/engine-long-prefill", async () => {
    const { bridged } = await measure("vLLM silent for 8 s before the first token, then it answers", "case-hello", {
      bridge: { keepAliveMs: 1000 },
      before: () => lab.pause("engine"),
      during: () => new Promise((resolve) => setTimeout(() => resolve(lab.resume("engine")), 8000)),
    });
    expect(lastOf(bridged).stopReason).toBe("stop");
    expect(bridged.firstTokenMs).toBeGreaterThan(5000);
  });
});

describe.runIf(support.supported)("a server without parsers, with a key", () => {
  const apiKey = "sk-lab";
  beforeAll(() => start([], { withoutParsers: true, apiKey }));
  afterAll(() => lab?.stop());

  verifies("agent/coderclaw/engine-wrong-key", async () => {
    const { direct, bridged } = await measure("wrong key", "case-hello", {
      job: { message: "case-hello", apiKey: "sk-wrong" },
    });
    expect(lastOf(direct).errorMessage).toBe('401 "Unauthorized"');
    expect(lastOf(bridged).errorMessage).toMatch(/^401 .*refused the API key/);
  });

  verifies(["agent/coderclaw/engine-tool-parser", "agent/coderclaw/engine-leaked-reasoning"], async () => {
    const { direct, bridged } = await measure("no --enable-auto-tool-choice, no reasoning parser", "case-hello", {
      job: { message: "case-hello", apiKey },
    });
    expect(lastOf(direct).errorMessage).toMatch(/requires --enable-auto-tool-choice/);
    expect(bridged.shown.trim()).toBe("Hello there! How can I help you today?");
    expect(bridged.thought).toContain("The user greets me");
  });

  verifies("agent/coderclaw/engine-leaked-call", async () => {
    const { bridged } = await measure("no tool parser: `<tool_call>` in the text", "case-list: what do my notes say?", {
      job: { message: "case-list: what do my notes say?", apiKey },
    });
    expect(bridged.ran).toEqual(['exec {"command":"ls"}', 'read {"path":"notes.txt"}']);
    expect(bridged.shown).toContain("the sky is green");
    expect(bridged.shown).not.toContain("<tool_call>");
  });

  verifies("agent/coderclaw/engine-truncated-call", "a leaked one", async () => {
    const { bridged } = await measure("the same, and cut", "case-cut", { job: { message: "case-cut", apiKey } });
    expect(bridged).toMatchObject({ ran: ['exec {"command":"ls"}'], files: [] });
  });
});

describe.runIf(support.supported)("a server that dies in mid-answer", { timeout: 300_000 }, () => {
  const dying = (which: "engine" | "api") =>
    measure(`${which === "engine" ? "engine process" : "server"} killed in mid-answer`, "case-story", {
      job: { message: "case-story", limitMs: 60_000 },
      // Nothing takes the place of the server here, and the bridge would wait for it.
      bridge: { resume: false },
      async baseUrl() {
        await lab?.stop();
        await start(["--enable-auto-tool-choice", "--tool-call-parser=hermes", "--reasoning-parser=qwen3"]);
        return lab.baseUrl;
      },
      during: async () => {
        await untilAnswering();
        lab.kill(which);
      },
    });
  afterAll(() => lab?.stop());

  verifies("agent/coderclaw/engine-partial-answer", "the engine process", async () => {
    const { bridged } = await dying("engine");
    expect(bridged.shown + bridged.thought).not.toBe("");
    expect(lastOf(bridged).errorMessage).toMatch(/engine process failed/);
  });

  verifies("agent/coderclaw/engine-partial-answer", "the server", async () => {
    const { bridged } = await dying("api");
    expect(bridged.shown + bridged.thought).not.toBe("");
    expect(lastOf(bridged).errorMessage).toMatch(/^502 The connection was lost/);
  });
});
