import * as fc from "fast-check";
import {
  createVllmClient,
  type ChatEvent,
  type ChatParams,
  type VllmClientOptions,
  type VllmError,
} from "@vllm/client";
import { stopClock } from "@vllm-tooling/contract/clock";
import { describe, expect, test } from "vitest";
import { chunk } from "./support/chunk.ts";
import { collect } from "./support/collect.ts";
import { serveMortal, type Death, type WholeAnswer } from "./support/mortal-server.ts";
import { serveScript } from "./support/scripted-server.ts";

const ASKED = [{ role: "user", content: "Tell a story." }] as const;
const PARAMS: ChatParams = { model: "m", messages: ASKED };
const STORY: WholeAnswer = { thinking: [], text: ["Once", " upon", " a", " time", ", the", " end", "."] };
const CALL = { name: "clock", arguments: ['{"zone":', '"UTC"', "}"] };
const TOOLS: ChatParams["tools"] = [
  { type: "function", function: { name: "clock", parameters: { type: "object", properties: {} } } },
];
const WAYS: Death["way"][] = ["lost", "end", "engine", "abort", "litellm"];

async function ask(
  answer: WholeAnswer,
  deaths: readonly Death[],
  {
    params = {},
    client = {},
    ...more
  }: Partial<Parameters<typeof serveMortal>[1]> & {
    params?: Partial<ChatParams>;
    client?: VllmClientOptions;
  } = {},
) {
  const server = await serveMortal(answer, { deaths, ...more });
  const vllm = createVllmClient({ baseUrl: server.baseUrl, resume: true, ...client });
  return { ...(await collect(vllm.chat({ ...PARAMS, ...params }))), server };
}

const typesOf = (events: readonly ChatEvent<unknown>[]) =>
  events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);

describe("an answer whose server goes away", () => {
  test.each(WAYS)("goes on at the next one, as one answer: %s", async (way) => {
    const { result, events, server } = await ask(STORY, [{ after: 3, way }], { params: { max_tokens: 50 } });
    expect(result?.text).toBe("Once upon a time, the end.");
    expect(result?.message.content).toBe("Once upon a time, the end.");
    expect(typesOf(events)).toEqual(["start", "text_start", "text_delta", "warning", "text_delta", "text_end", "done"]);
    expect(result?.warnings).toMatchObject([{ code: "resumed" }]);
    expect(server.bodies[1]).toMatchObject({
      messages: [...ASKED, { role: "assistant", content: "Once upon a" }],
      continue_final_message: true,
      add_generation_prompt: false,
      max_tokens: 47,
    });
    expect(result?.usage).toEqual({ prompt_tokens: 10 + 13, completion_tokens: 3 + 4, total_tokens: 30 });
    expect(result?.lastUsage).toEqual({ prompt_tokens: 13, completion_tokens: 4, total_tokens: 17 });
  });

  test("twice is as often as it may", async () => {
    const deaths: Death[] = [1, 2, 1].map((after) => ({ after, way: "lost" }));
    const twice = await ask(STORY, deaths.slice(0, 2));
    expect(twice.result?.text).toBe("Once upon a time, the end.");
    expect(twice.server.bodies[2]?.["messages"]).toEqual([...ASKED, { role: "assistant", content: "Once upon a" }]);
    expect(twice.result?.usage).toEqual({ prompt_tokens: 10 + 11 + 13, completion_tokens: 7, total_tokens: 41 });
    const thrice = await ask(STORY, deaths);
    expect(thrice.error).toMatchObject({ code: "STREAM_ENDED_EARLY", partial: { text: "Once upon a time" } });
    expect(thrice.server.bodies).toHaveLength(3);
  });

  test("a truncated call is dropped and made again, from the text before it", async () => {
    const answer = { ...STORY, call: CALL };
    const { result, events, server } = await ask(answer, [{ after: 9, way: "lost" }], { params: { tools: TOOLS } });
    expect(server.bodies[1]?.["messages"]).toEqual([...ASKED, { role: "assistant", content: STORY.text.join("") }]);
    expect(result?.toolCalls).toMatchObject([{ name: "clock", arguments: { zone: "UTC" } }]);
    expect(events.filter(({ type }) => type === "toolcall_start")).toHaveLength(1);
  });

  test("with nothing but reasoning, or a call alone, begins anew", async () => {
    const thoughtful = { ...STORY, thinking: ["Let", " me", " think"] };
    const { result, events, server } = await ask(thoughtful, [{ after: 2, way: "lost" }]);
    expect(server.bodies[1]).toEqual(server.bodies[0]);
    expect(result).toMatchObject({ text: STORY.text.join(""), thinking: "Let me think" });
    expect(typesOf(events).join(" ")).toBe(
      "start thinking_start thinking_delta thinking_end warning thinking_start thinking_delta thinking_end text_start text_delta text_end done",
    );
    const calling = { thinking: [], text: [], call: CALL };
    const called = await ask(calling, [{ after: 2, way: "engine" }], { params: { tools: TOOLS } });
    expect(called.server.bodies).toHaveLength(2);
    expect(called.result?.toolCalls).toMatchObject([{ arguments: { zone: "UTC" } }]);
    expect(called.result?.warnings).toMatchObject([{ code: "resumed" }]);
  });

  test("that begins anew in vain ends with the reasoning that had come", async () => {
    const thoughtful = { ...STORY, thinking: ["Let", " me", " think"] };
    const deaths: Death[] = [2, 0, 0].map((after) => ({ after, way: "lost" }));
    const { error } = await ask(thoughtful, deaths);
    expect(error).toMatchObject({ code: "STREAM_ENDED_EARLY", partial: { text: "", thinking: "Let me" } });
  });

  test("keeps its reasoning in front of the text that goes on", async () => {
    const thoughtful = { ...STORY, thinking: ["Let", " me"] };
    const { result, server } = await ask(thoughtful, [{ after: 4, way: "end" }]);
    const begun = { role: "assistant", content: "Once upon", reasoning: "Let me" };
    expect(server.bodies[1]?.["messages"]).toEqual([...ASKED, begun]);
    expect(result).toMatchObject({ text: STORY.text.join(""), thinking: "Let me" });
  });

  test("goes on with a message that the caller had begun", async () => {
    const messages: ChatParams["messages"] = [...ASKED, { role: "assistant", content: "Once" }];
    const params = { messages, continue_final_message: true, add_generation_prompt: false };
    const { result, server } = await ask(STORY, [{ after: 2, way: "lost" }], { params });
    expect(server.bodies[1]?.["messages"]).toEqual([...ASKED, { role: "assistant", content: "Once upon a" }]);
    expect(result?.text).toBe(" upon a time, the end.");
  });

  test("a limit that was reached meanwhile is one", async () => {
    const { error, server } = await ask(STORY, [{ after: 3, way: "lost" }], { params: { max_tokens: 4 } });
    expect(error).toBeUndefined();
    expect(server.bodies[1]?.["max_tokens"]).toBe(1);
  });

  // "abort" is an end, and a bad one.
  test.each(WAYS.filter((way) => way !== "abort"))("of which only the end was missing is whole: %s", async (way) => {
    const { result, error, events, server } = await ask(STORY, [{ after: 3, way }], { params: { max_tokens: 3 } });
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ text: "Once upon a", finishReason: "length" });
    expect(result?.usage).toEqual({ prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 });
    expect(typesOf(events)).toEqual(["start", "text_start", "text_delta", "text_end", "done"]);
    expect(server.bodies).toHaveLength(1);
  });

  test("the same behind a resumption: the limit is that of both parts", async () => {
    const deaths: Death[] = [2, 2].map((after) => ({ after, way: "lost" }));
    const { result, server } = await ask(STORY, deaths, { params: { max_tokens: 4 } });
    expect(result).toMatchObject({ text: "Once upon a time", finishReason: "length" });
    expect(result?.usage?.completion_tokens).toBe(4);
    expect(server.bodies).toHaveLength(2);
  });

  test("without a tokenizer nobody knows that it is whole", async () => {
    const tokenizer = { status: 404, body: { detail: "Not Found" } };
    const { error } = await ask(STORY, [{ after: 3, way: "lost" }], { tokenizer, params: { max_tokens: 3 } });
    expect(error).toMatchObject({ code: "STREAM_ENDED_EARLY", partial: { text: "Once upon a" } });
  });

  test("without a tokenizer the limit is estimated, and only what is known is counted", async () => {
    const tokenizer = { status: 404, body: { detail: "Not Found" } };
    const { result, server } = await ask(STORY, [{ after: 3, way: "lost" }], { tokenizer, params: { max_tokens: 50 } });
    expect(result?.text).toBe(STORY.text.join(""));
    expect(server.bodies[1]?.["max_tokens"]).toBe(50 - 4);
    expect(result?.usage).toMatchObject({ completion_tokens: 4 });
  });
});

describe("is not resumed, and ends as it would without", () => {
  const cut: Death[] = [{ after: 3, way: "lost" }];
  const rows: [string, Parameters<typeof ask>[2]][] = [
    ["without the option", { client: { resume: false } }],
    ["several answers", { params: { n: 2 } }],
    ["a form", { params: { response_format: { type: "json_object" } } }],
    ["a grammar", { params: { structured_outputs: { regex: ".*" } } }],
    ["log probabilities", { params: { logprobs: true } }],
    ["an answer that is not streamed", { params: { stream: false } }],
    [
      "a template that cannot go on, probed",
      { tokenizer: { status: 400, body: { error: { message: "continue_final_message is set but …", code: 400 } } } },
    ],
    [
      "a template that cannot go on, refused",
      {
        tokenizer: { status: 404, body: {} },
        refusal: { status: 400, body: { error: { message: "continue_final_message is set but …", code: 400 } } },
      },
    ],
  ];
  test.each(rows)("%s", async (_, options) => {
    const { error, events } = await ask(STORY, cut, options);
    expect(error?.code).toMatch(/^STREAM_ENDED_EARLY$|^STREAM_MALFORMED$/);
    expect(events.some(({ type }) => type === "done")).toBe(false);
    if (options?.params?.stream !== false) expect(error?.partial?.text).toBe("Once upon a");
  });

  test("an answer with a finish reason, when the connection is lost before its usage", async () => {
    const { baseUrl, bodies } = await serveScript({
      body: [chunk({ content: "Hi" }), chunk({}, "stop")],
      ending: "lost",
    });
    const { result } = await collect(createVllmClient({ baseUrl, resume: true }).chat(PARAMS));
    expect(result?.text).toBe("Hi");
    expect(bodies).toHaveLength(1);
  });

  test("an answer that the server ended itself, without a reason", async () => {
    const { error, server } = await ask(STORY, [{ after: 3, way: "done" }]);
    expect(error).toMatchObject({ code: "STREAM_ENDED_EARLY", partial: { text: "Once upon a" } });
    expect(server.bodies).toHaveLength(1);
  });

  test("a refusal, and one that its caller stops", async () => {
    const refused = await serveScript({ status: 400, body: { error: { message: "No.", code: 400 } } });
    const { error } = await collect(createVllmClient({ baseUrl: refused.baseUrl, resume: true }).chat(PARAMS));
    expect([error?.code, refused.bodies.length]).toEqual(["INVALID_REQUEST", 1]);
    const silent = await serveScript({ body: [chunk({ content: "Hi" })], ending: "silent" });
    const stopping = new AbortController();
    const reply = createVllmClient({ baseUrl: silent.baseUrl, resume: true }).chat(PARAMS, { signal: stopping.signal });
    for await (const event of reply) {
      if (event.type !== "text_delta") continue;
      stopping.abort();
      break;
    }
    await expect(reply.result()).rejects.toMatchObject({ code: "ABORTED" });
    expect(silent.bodies).toHaveLength(1);
  });

  test.each([{ resume: "yes" }, { resume: { waitMs: 0 } }, { resume: { times: 3 } }])("%j is no option", (options) => {
    expect(() => createVllmClient(options as unknown as VllmClientOptions)).toThrow(/resume/);
  });
});

/** A server that dies after the third word, and is not there until it is told to be. */
async function restart(
  answer: WholeAnswer,
  {
    absent = () => Promise.reject(new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } })),
    client = {},
    ...more
  }: Partial<Parameters<typeof serveMortal>[1]> & { absent?: typeof fetch; client?: VllmClientOptions } = {},
) {
  const server = await serveMortal(answer, { deaths: [{ after: 3, way: "lost" }], ...more });
  const state = { isUp: true };
  const fetchWhenUp: typeof fetch = (input, init) => (state.isUp ? fetch : absent)(input, init);
  const vllm = createVllmClient({ baseUrl: server.baseUrl, resume: true, fetch: fetchWhenUp as never, ...client });
  const seen: ChatEvent<unknown>[] = [];
  const warnings = () => seen.flatMap((event) => (event.type === "warning" ? [event.warning] : []));
  let chunks = 0;
  const reply = vllm
    .chat(PARAMS, { onRawChunk: () => (state.isUp = (chunks += 1) !== 4) })
    .forEach((event) => void seen.push(event))
    .then(
      (result) => ({ result, error: undefined }),
      (error: VllmError) => ({ result: undefined, error }),
    );
  return { state, seen, warnings, reply, server };
}

const THOUGHTFUL: WholeAnswer = { ...STORY, thinking: ["Let", " me", " think"] };
const NO_TOKENIZER = { tokenizer: { status: 404, body: { detail: "Not Found" } } };
const proxyAnswers = (status: number): typeof fetch => {
  return () => Promise.resolve(new Response("<html></html>", { status, headers: { "retry-after": "20" } }));
};
const hangs: typeof fetch = (_, init) =>
  new Promise((_resolve, reject) =>
    init?.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error)),
  );

describe("a single server that is restarted", () => {
  const rows: [string, WholeAnswer, Parameters<typeof restart>[1]][] = [
    ["after some text", STORY, {}],
    ["after reasoning alone", THOUGHTFUL, {}],
    ["behind a proxy that answers 502", STORY, { absent: proxyAnswers(502) }],
    ["behind a proxy that answers 503, after reasoning alone", THOUGHTFUL, { absent: proxyAnswers(503) }],
    ["behind a proxy that answers 504", STORY, { absent: proxyAnswers(504) }],
  ];
  test.each(rows)(
    "is waited for, which is told at once, and goes on with the answer: %s",
    async (_, answer, options) => {
      using clock = stopClock();
      const { state, reply, warnings } = await restart(answer, options);
      await clock.standUntil(() => !state.isUp);
      await clock.standUntil(() => warnings().length > 0);
      expect(warnings()).toMatchObject([{ code: "CONNECTION_LOST" }]);
      expect(warnings()[0]?.message).toContain("waits up to 60 s");
      await clock.pass(40_000, 500);
      expect(warnings()).toHaveLength(1);
      state.isUp = true;
      const { result } = await clock.passUntil(reply, 500);
      expect(result?.text).toBe(STORY.text.join(""));
      expect(result?.warnings).toMatchObject([{ code: "CONNECTION_LOST" }, { code: "resumed" }]);
      expect(warnings()).toEqual(result?.warnings);
    },
  );

  test("without a tokenizer, too: the tokenizer's refusal is the last that is heard of the server", async () => {
    using clock = stopClock();
    const toldOnce: typeof fetch = (input, init) => {
      if (!String(input instanceof Request ? input.url : input).endsWith("/tokenize"))
        return Promise.reject(new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } }));
      return fetch(input, init);
    };
    const { state, reply, warnings } = await restart(STORY, { ...NO_TOKENIZER, absent: toldOnce });
    await clock.standUntil(() => warnings().length > 0);
    expect(warnings()).toMatchObject([{ code: "CONNECTION_LOST" }]);
    await clock.pass(20_000, 500);
    state.isUp = true;
    const { result } = await clock.passUntil(reply, 500);
    expect(result?.warnings).toMatchObject([{ code: "CONNECTION_LOST" }, { code: "resumed" }]);
  });

  test("that neither refuses nor answers is told after a second", async () => {
    using clock = stopClock();
    const { state, reply, warnings } = await restart(STORY, { absent: hangs });
    await clock.standUntil(() => !state.isUp);
    await clock.pass(500, 100);
    expect(warnings()).toEqual([]);
    await clock.pass(1500, 100);
    expect(warnings()).toMatchObject([{ code: "CONNECTION_LOST" }]);
    state.isUp = true;
    const { result } = await clock.passUntil(reply, 500);
    expect(result?.text).toBe(STORY.text.join(""));
  });

  test("is reported to the logger, too", async () => {
    using clock = stopClock();
    const lines: string[] = [];
    const logger = { warn: (line: string) => void lines.push(line) };
    const { state, reply, warnings } = await restart(STORY, { client: { logger } });
    await clock.standUntil(() => warnings().length > 0);
    expect(lines).toContainEqual(expect.stringMatching(/^POST http.* was lost in the middle of the answer/));
    state.isUp = true;
    await clock.passUntil(reply, 500);
  });

  test.each([
    ["after some text", STORY],
    ["after reasoning alone", THOUGHTFUL],
  ])(
    "is not waited for longer than the limit: the error has what had come, the time, and what to type: %s",
    async (_, answer) => {
      using clock = stopClock();
      const { reply, warnings } = await restart(answer, { client: { resume: { waitMs: 20_000 } } });
      const { error } = await clock.passUntil(reply, 500);
      expect(clock.elapsedMs).toBeGreaterThanOrEqual(20_000);
      expect(clock.elapsedMs).toBeLessThan(23_000);
      expect(warnings()[0]?.message).toContain("waits up to 20 s");
      const partial = answer === STORY ? { text: "Once upon a" } : { thinking: "Let me think" };
      expect(error).toMatchObject({ code: "STREAM_ENDED_EARLY", isRetryable: true, partial });
      expect(error?.message).toMatch(/The connection was lost .* No server came back within 2\d(\.\d)? s/);
      expect(error?.hint).toMatch(/npx @vllm\/connect doctor.*resume: \{ waitMs: \d+ \}/);
    },
  );

  test("ends at once when its caller stops it while it waits", async () => {
    using clock = stopClock();
    const mortal = await serveMortal(STORY, { deaths: [{ after: 3, way: "lost" }] });
    const stopping = new AbortController();
    const reply = createVllmClient({ baseUrl: mortal.baseUrl, resume: true }).chat(PARAMS, {
      signal: stopping.signal,
      onRawChunk: () => mortal.close(),
    });
    const ended = reply.forEach((event) => {
      if (event.type === "warning") stopping.abort();
    });
    await expect(clock.passUntil(ended, 500)).rejects.toMatchObject({
      code: "ABORTED",
      partial: { text: "Once upon a" },
    });
    expect(clock.elapsedMs).toBeLessThan(5000);
  });
});

test("cut anywhere, once or twice, in any way: one text, one end, and the sum of what was used", async () => {
  const tokens = (least: number) =>
    fc.array(fc.string({ minLength: 1, maxLength: 4 }), { minLength: least, maxLength: 8 });
  const call = fc.option(fc.constant(CALL), { nil: undefined });
  const answers = fc.record({ thinking: tokens(0), text: tokens(0), call });
  const death = fc.record({ after: fc.nat(12), way: fc.constantFrom(...WAYS) });
  const deaths = fc.array(death, { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(answers, deaths, async (answer, given) => {
      fc.pre(answer.text.length > 0 || answer.thinking.length > 0 || answer.call !== undefined);
      const { result, error, events, server } = await ask(answer, given, { params: { tools: TOOLS } });
      expect(error).toBeUndefined();
      expect(result?.text).toBe(answer.text.join(""));
      expect(result?.toolCalls.map(({ argumentsText }) => argumentsText)).toEqual(
        answer.call === undefined ? [] : [CALL.arguments.join("")],
      );
      const deltas = events.flatMap((event) => (event.type === "text_delta" ? [event.delta] : []));
      // Blank text is not gone on with: it is made again.
      if ((answer.text[0] ?? "").trim() !== "") {
        expect(deltas.join("")).toBe(answer.text.join(""));
        expect(events.filter(({ type }) => type === "text_start")).toHaveLength(1);
        expect(events.filter(({ type }) => type === "text_end")).toHaveLength(1);
      }
      const starts = events.filter(({ type }) => type === "toolcall_start").length;
      expect(starts).toBe(answer.call === undefined ? 0 : 1);
      const indices = events.flatMap((event) =>
        event.type.endsWith("_start") && "contentIndex" in event ? [event.contentIndex] : [],
      );
      expect(new Set(indices).size).toBe(indices.length);
      const isResumed = result?.warnings.some(({ code }) => code === "resumed");
      expect(isResumed ?? false).toBe(server.bodies.length > 1);
      expect(result?.usage).toBeDefined();
    }),
    { numRuns: 150 },
  );
});
