import { createBridge } from "@vllm/bridge";
import { createVllmClient, type ChatMessage } from "@vllm/client";
import { diagnose, discoverServer } from "@vllm/discovery";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { findPort, startFleet, type Fleet, type Router } from "./fleet.ts";
import { keepFigures } from "./figures.ts";
import { startLoad, type LoadFigures } from "./run-load.ts";
import { startNginx } from "./start-nginx.ts";
import { startVllmRouter } from "./start-vllm-router.ts";

const program = process.env["VLLM_ROUTER"];
const MODEL = "lab/tiny";
const WHOLE = 600; // tokens of an answer
const PATIENT = ["--shutdown-timeout", "60"];
let fleet: Fleet;

beforeAll(async () => {
  // Without a script the model says its own tokens: a random text, and at temperature 0 always the same.
  const script = join(await mkdtemp(join(tmpdir(), "fleet-")), "no-script.json");
  await writeFile(script, "[]");
  fleet = await startFleet(2, {
    model: "tiny",
    flags: ["--max-num-seqs", "32", "--enable-prompt-tokens-details"],
    env: { LAB_SCRIPT: script },
  });
});
afterAll(() => fleet?.stop());

type StartRouter = (spread?: boolean) => Promise<Router>;
const ROUTERS: [name: string, start: StartRouter][] = [
  ["nginx", async (spread) => startNginx(await findPort(), fleet.ports, spread)],
  ...(program === undefined
    ? []
    : [
        [
          "vllm-router",
          async () => startVllmRouter(program, await findPort(), fleet.ports),
        ] satisfies (typeof ROUTERS)[0],
      ]),
];

describe.each(ROUTERS)("two vLLM servers behind %s", (name, startRouter) => {
  let router: Router;
  beforeAll(async () => {
    router = await startRouter();
    await untilAnswered(router);
  });
  afterAll(() => router?.stop());

  test("both are restarted one after the other under load, and no request fails", async () => {
    const figures = await restartUnderLoad(router);
    await keepFigures(name, "restart", figures);
    expect(figures.failed).toEqual({});
  });

  test("the same where the servers finish their answers first (--shutdown-timeout)", async () => {
    for (const index of [0, 1]) {
      await fleet.terminate(index);
      await fleet.start(index, PATIENT);
    }
    await router.untilWhole();
    const figures = await restartUnderLoad(router, PATIENT);
    await keepFigures(name, "drain", figures);
    expect(figures.failed).toEqual({});
  });

  test("one is killed under 24 streams: 24 whole answers, each the same as without the kill", async () => {
    const client = createVllmClient({ baseUrl: router.baseUrl, model: MODEL, resume: true });
    const ask = (id: number) => ({
      messages: [{ role: "user" as const, content: "Go on." }],
      affinity: `stream-${id}`,
      temperature: 0,
      max_tokens: WHOLE,
    });
    const expected = await client.complete(ask(0));
    let begun = 0;
    let kill: Promise<void> | undefined;
    const read = async (id: number) => {
      const reply = client.chat(ask(id));
      let deltas = 0;
      for await (const event of reply) {
        if (event.type !== "text_delta") continue;
        deltas += 1;
        if (deltas === 20 && ++begun === 24) kill = fleet.kill(0);
      }
      const { text, warnings } = await reply.result();
      return { text, isResumed: warnings.some(({ code }) => code === "resumed") };
    };
    const answers = await Promise.allSettled(Array.from({ length: 24 }, (_, id) => read(id)));
    await kill;
    const whole = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    const resumed = whole.filter(({ isResumed }) => isResumed).length;
    await fleet.start(0);
    await router.untilWhole();
    await keepFigures(name, "kill", {
      streams: 24,
      whole: whole.length,
      resumed,
      same: whole.filter(({ text }) => text === expected.text).length,
    });
    expect(answers.filter(({ status }) => status === "rejected")).toEqual([]);
    expect(resumed).toBeGreaterThan(0);
    for (const { text } of whole) expect(text).toBe(expected.text);
  });

  test("servers that are alike are not found to differ", async () => {
    const report = await discoverServer({ baseUrl: router.baseUrl });
    const wrong = diagnose(report).filter(({ severity }) => severity !== "info");
    expect(wrong.map(({ code }) => code)).not.toContain("SERVERS_DIFFER");
  });
});

describe("nginx", () => {
  let router: Router | undefined;
  afterEach(async () => {
    await router?.stop();
    router = undefined;
  });

  test("an agent behind the bridge finds its conversation in the cache, where one without a session does not", async () => {
    const share = async (spread: boolean) => {
      router = await startNginx(await findPort(), fleet.ports, spread);
      await untilAnswered(router);
      const bridge = createBridge({ upstream: router.baseUrl, apiKey: "" });
      bridge.listen(0);
      await once(bridge, "listening");
      try {
        return await measureCacheShare(`http://127.0.0.1:${(bridge.address() as AddressInfo).port}/v1`, String(spread));
      } finally {
        bridge.close();
        bridge.closeAllConnections();
        await router.stop();
      }
    };
    const [kept, spread] = [await share(false), await share(true)];
    await keepFigures("nginx", "cache", { kept, spread });
    expect(kept).toBeGreaterThan(spread);
  });

  test("both are down: said within seconds", async () => {
    router = await startNginx(await findPort(), [await findPort(), await findPort()]);
    const client = createVllmClient({ baseUrl: router.baseUrl, model: MODEL });
    const startedAt = performance.now();
    const asking = client.complete({ messages: [{ role: "user", content: "Hello" }] });
    await expect(asking).rejects.toThrow("A router or proxy could not reach");
    await keepFigures("nginx", "down", { ms: Math.round(performance.now() - startedAt) });
  });

  test("two servers with different windows are found to differ", async () => {
    await fleet.terminate(1);
    await fleet.start(1, ["--max-model-len", "16384"]);
    router = await startNginx(await findPort(), fleet.ports);
    await untilAnswered(router);
    const report = await discoverServer({ baseUrl: router.baseUrl });
    expect(diagnose(report)).toContainEqual(
      expect.objectContaining({
        code: "SERVERS_DIFFER",
        severity: "warning",
        message: expect.stringContaining("16384"),
      }),
    );
  });
});

test("a single server is killed in the middle of an answer and started again: the answer is the same", async () => {
  const client = createVllmClient({
    baseUrl: `http://127.0.0.1:${fleet.ports[0]}/v1`,
    model: MODEL,
    resume: { waitMs: 300_000 },
  });
  const ask = { messages: [{ role: "user" as const, content: "Go on." }], temperature: 0, max_tokens: WHOLE };
  const expected = await client.complete(ask);
  const reply = client.chat(ask);
  const startedAt = performance.now();
  let deltas = 0;
  let restart: Promise<void> | undefined;
  for await (const event of reply)
    if (event.type === "text_delta" && ++deltas === 100) restart = fleet.kill(0).then(() => fleet.start(0));
  const { text } = await reply.result();
  const same = text === expected.text;
  await keepFigures("none, one server", "single", { same, ms: Math.round(performance.now() - startedAt) });
  await restart;
  expect(text).toBe(expected.text);
});

/** Both servers, one after the other. */
async function restartUnderLoad(router: Router, flags?: readonly string[]): Promise<LoadFigures> {
  const load = startLoad(router.baseUrl);
  for (const index of [0, 1]) {
    await fleet.terminate(index);
    await fleet.start(index, flags);
    await router.untilWhole();
  }
  return load.stop();
}

/** A router takes a moment to listen, and some ask their servers first. */
async function untilAnswered({ baseUrl }: Router): Promise<void> {
  for (let tries = 0; tries < 120; tries += 1) {
    const isReady = await fetch(`${baseUrl}/models`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isReady) return;
    await setTimeout(500);
  }
  throw new Error(`Nothing answers at ${baseUrl}.`);
}

/** Eight conversations of six turns each, side by side, as agents have them: how much of their prompts came from the prefix cache. */
async function measureCacheShare(baseUrl: string, salt: string): Promise<number> {
  let prompt = 0;
  let cached = 0;
  const converse = async (number: number) => {
    const messages: ChatMessage[] = [{ role: "system", content: `${salt} ${number} `.repeat(100) }];
    for (let turn = 0; turn < 6; turn += 1) {
      messages.push({ role: "user", content: `Question ${turn} `.repeat(20) });
      const answer = await fetch(`${baseUrl}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: MODEL, messages, max_tokens: 40, temperature: 0 }),
      });
      const { choices, usage } = (await answer.json()) as {
        choices: { message: { content: string } }[];
        usage: { prompt_tokens: number; prompt_tokens_details: { cached_tokens: number } | null };
      };
      prompt += usage.prompt_tokens;
      cached += usage.prompt_tokens_details?.cached_tokens ?? 0;
      messages.push({ role: "assistant", content: choices[0]!.message.content });
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, number) => converse(number)));
  return Math.round((cached / prompt) * 1000) / 10;
}
