import { defineTool, VllmError, type ChatMessage, type VllmClientOptions } from "@vllm/client";
import { runTools, type RunEvent, type RunResult, type RunToolsParams, type ToolRun } from "@vllm/client/run";
import { describe, expect, expectTypeOf, test, vi } from "vitest";
import { z } from "zod";
import { createRunServer, type RunServerOptions } from "./support/run-server.ts";

const QUESTION: ChatMessage = { role: "user", content: "The weather in Paris and Rome?" };
const PARIS = '{"city":"Paris"}';
const ROME = '{"city":"Rome"}';

const execute = vi.fn(({ city }: { city: string }) => `sunny in ${city}`);
const getWeather = defineTool({
  name: "get_weather",
  description: "The weather of a city.",
  parameters: z.object({ city: z.string() }),
  execute: (args) => execute(args),
});
const PARAMS: RunToolsParams = { messages: [QUESTION], tools: [getWeather] };

interface Collected {
  events: RunEvent[];
  result: RunResult | undefined;
  error: unknown;
}

async function collect(run: ToolRun, onEvent: (event: RunEvent) => void = () => {}): Promise<Collected> {
  const events: RunEvent[] = [];
  try {
    for await (const event of run) {
      events.push(event);
      onEvent(event);
    }
    return { events, result: await run.result(), error: undefined };
  } catch (error) {
    expect(await run.result().catch((reason: unknown) => reason)).toBe(error);
    return { events, result: undefined, error };
  }
}

async function start(server: RunServerOptions, params: Partial<RunToolsParams> = {}) {
  execute.mockClear();
  const { client, ...seen } = createRunServer(server);
  return { ...(await collect(runTools(client, { ...PARAMS, ...params }))), ...seen };
}

const types = ({ events }: Collected) => events.map(({ type }) => type);
const ofType = <Type extends RunEvent["type"]>({ events }: Collected, type: Type) =>
  events.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type);
const call = (args: string, name = "get_weather") => [name, args] as const;

describe("a run", () => {
  const turns = [{ text: "Let me look.", calls: [call(PARIS), call(ROME)] }, { text: "Sunny in both." }];

  test("runs the calls and sends their results, until the model answers", async () => {
    const run = await start({ turns });
    expect(types(run).join(" ")).toBe(
      "start text_start text_delta text_end " +
        "toolcall_start toolcall_start toolcall_delta toolcall_end toolcall_delta toolcall_end " +
        "step tool_result tool_result text_start text_delta text_end step done",
    );
    expect(ofType(run, "tool_result")).toEqual([
      { type: "tool_result", toolCallId: "call-1-0", name: "get_weather", output: "sunny in Paris", isError: false },
      { type: "tool_result", toolCallId: "call-1-1", name: "get_weather", output: "sunny in Rome", isError: false },
    ]);
    expect(run.bodies[1]?.messages).toMatchObject([
      QUESTION,
      { role: "assistant", content: "Let me look.", tool_calls: [{ id: "call-1-0" }, { id: "call-1-1" }] },
      { role: "tool", tool_call_id: "call-1-0", content: "sunny in Paris" },
      { role: "tool", tool_call_id: "call-1-1", content: "sunny in Rome" },
    ]);
  });

  test("marks its tools strict where the profile says that the server holds calls to it", async () => {
    const marked = { value: "yes" as const, source: "probed" as const, evidence: "" };
    const strictOf = async (params: Partial<RunToolsParams>, options: VllmClientOptions = {}) => {
      const { bodies } = await start({ turns, client: options }, params);
      return bodies.map((body) => (body["tools"] as { function: { strict?: boolean } }[])[0]?.function.strict);
    };
    expect(await strictOf({}, { profile: { strictTools: marked } })).toEqual([true, true]);
    expect(await strictOf({ strictTools: false }, { profile: { strictTools: marked } })).toEqual([
      undefined,
      undefined,
    ]);
    expect(await strictOf({})).toEqual([undefined, undefined]);
  });

  test("has the last answer, all turns, the conversation and the sum of the usage", async () => {
    const { result, events } = await start({ turns });
    expect(result).toMatchObject({
      text: "Sunny in both.",
      ending: "complete",
      usage: { prompt_tokens: 200, completion_tokens: 40, total_tokens: 240 },
      lastUsage: { prompt_tokens: 100 },
      steps: [{ text: "Let me look." }, { text: "Sunny in both." }],
    });
    expect(result?.stoppedBy).toBeUndefined();
    expect(result?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool", "assistant"]);
    expect(events.at(-1)).toEqual({ type: "done", ...result });
    expect(JSON.stringify(result?.messages)).not.toContain("execute");
  });

  test("numbers the blocks of all turns", async () => {
    const run = await start({ turns });
    const blocks = run.events.flatMap((event) =>
      event.type.endsWith("_start") && "contentIndex" in event ? [event.contentIndex] : [],
    );
    expect(blocks).toEqual([0, 1, 2, 3]);
  });

  test("result() alone reads it", async () => {
    const { client } = createRunServer({ turns });
    expect((await runTools(client, PARAMS).result()).text).toBe("Sunny in both.");
  });

  test("result() within the loop does not wait for the loop", async () => {
    const { client } = createRunServer({ turns });
    const run = runTools(client, PARAMS);
    const seen: string[] = [];
    for await (const { type } of run) {
      seen.push(type);
      if (type === "step") expect((await run.result()).text).toBe("Sunny in both.");
    }
    expect(seen.filter((type) => type === "step")).toHaveLength(2);
    expect(seen.at(-1)).toBe("done");
  });

  test("leaving the loop at done has the result", async () => {
    const { client } = createRunServer({ turns });
    const run = runTools(client, PARAMS);
    for await (const { type } of run) if (type === "done") break;
    expect((await run.result()).text).toBe("Sunny in both.");
  });

  test("can be read once, and sends nothing before", async () => {
    const { client, paths } = createRunServer({ turns });
    const run = runTools(client, PARAMS);
    await new Promise((resolve) => setImmediate(resolve));
    expect(paths).toEqual([]);
    expect(run.messages).toEqual([QUESTION]);
    await run.result();
    expect(() => run[Symbol.asyncIterator]()).toThrow(TypeError);
    expect(run.messages).toHaveLength(5);
  });

  test("goes to one server of a fleet, under a name of its own or the given one", async () => {
    const own = await start({ turns });
    expect(own.headers[0]?.["x-session-id"]).toMatch(/^conversation-[0-9a-f]{16}$/);
    expect(own.headers[1]?.["x-session-id"]).toBe(own.headers[0]?.["x-session-id"]);
    const given = await start({ turns }, { affinity: "conversation-7" });
    expect(given.headers.map((headers) => headers["x-session-id"])).toEqual(["conversation-7", "conversation-7"]);
  });

  test("forces a call in the first turn only, and gives each request an id of its own", async () => {
    const { client, bodies, headers } = createRunServer({ turns });
    await runTools(client, { ...PARAMS, tool_choice: "required" }, { requestId: "r" }).result();
    expect(bodies.map((body) => body.tool_choice)).toEqual(["required", "auto"]);
    expect(headers.map((each) => each["x-request-id"])).toEqual(["r", "r-2"]);
  });

  test("sends the reasoning of a turn back", async () => {
    const { bodies } = await start({ turns: [{ reasoning: "Hm.", calls: [call(PARIS)] }, { text: "ok" }] });
    expect(bodies[1]?.messages[1]).toMatchObject({ role: "assistant", reasoning: "Hm." });
  });

  test("parses the last answer by its schema", async () => {
    const { client } = createRunServer({ turns: [{ calls: [call(PARIS)] }, { text: '{"sun":true}' }] });
    const result = await runTools(client, {
      messages: [QUESTION],
      tools: [getWeather],
      outputSchema: z.object({ sun: z.boolean() }),
    }).result();
    expectTypeOf(result.output).toEqualTypeOf<{ sun: boolean }>();
    expect(result.output).toEqual({ sun: true });
  });
});

describe("a tool", () => {
  test("runs beside the others of its turn; results keep the order of the calls", async () => {
    const order: string[] = [];
    let release = () => {};
    const first = new Promise<void>((resolve) => (release = resolve));
    const slowFirst = defineTool({
      name: "get_weather",
      parameters: z.object({ city: z.string() }),
      async execute({ city }) {
        order.push(`begins ${city}`);
        if (city === "Paris") await first;
        else release();
        order.push(`ends ${city}`);
        return city;
      },
    });
    const run = await start({ turns: [{ calls: [call(PARIS), call(ROME)] }, { text: "ok" }] }, { tools: [slowFirst] });
    expect(order).toEqual(["begins Paris", "begins Rome", "ends Rome", "ends Paris"]);
    expect(ofType(run, "tool_result").map(({ output }) => output)).toEqual(["Paris", "Rome"]);
  });

  test("may be of JSON Schema, and may return parts", async () => {
    const parts = [
      { type: "text" as const, text: "a picture" },
      { type: "image_url" as const, image_url: { url: "data:image/png;base64,AA==" } },
    ];
    const draw = defineTool({
      name: "draw",
      parameters: { type: "object", properties: { what: { type: "string" } } },
      execute(args, { signal, toolCallId }) {
        expectTypeOf(args).toEqualTypeOf<Record<string, unknown>>();
        expect(args).toEqual({ what: "sun" });
        expect(signal.aborted).toBe(false);
        expect(toolCallId).toBe("call-1-0");
        return parts;
      },
    });
    const { bodies } = await start(
      { turns: [{ calls: [call('{"what":"sun"}', "draw")] }, { text: "ok" }] },
      { tools: [draw] },
    );
    expect(bodies[1]?.messages.at(-1)?.content).toEqual(parts);
  });

  test.each([
    ["an object", { a: 1 }, '{"a":1}'],
    ["a list", [1, 2], "[1,2]"],
    ["no parts", [], "[]"],
    ["nothing", undefined, ""],
  ])("of a program without types may return %s", async (_, value, sent) => {
    const tool = defineTool({ name: "f", parameters: {}, execute: () => value as never });
    const { bodies } = await start({ turns: [{ calls: [call("{}", "f")] }, { text: "ok" }] }, { tools: [tool] });
    expect(bodies[1]?.messages.at(-1)?.content).toBe(sent);
  });

  test("that throws is an answer for the model, and the run goes on", async () => {
    const failure = new TypeError("no such station");
    const tool = defineTool({ name: "f", parameters: {}, execute: () => Promise.reject(failure) });
    const run = await start({ turns: [{ calls: [call("{}", "f")] }, { text: "ok" }] }, { tools: [tool] });
    expect(ofType(run, "tool_result")).toMatchObject([
      { isError: true, output: "f failed: no such station", error: failure },
    ]);
    expect(run.bodies[1]?.messages.at(-1)?.content).toBe("f failed: no such station");
    expect(run.result?.text).toBe("ok");
  });
});

describe("what cannot run is answered", () => {
  test("a tool that does not exist, arguments that do not fit", async () => {
    const run = await start({ turns: [{ calls: [call("{}", "rm_rf"), call('{"town":1}')] }, { text: "Oh." }] });
    expect(execute).not.toHaveBeenCalled();
    expect(ofType(run, "tool_result").map(({ isError, output }) => [isError, output])).toEqual([
      [true, 'Unknown tool "rm_rf". Available tools: get_weather.'],
      [true, expect.stringMatching(/^get_weather was not run: its arguments do not fit\.\n- city: /)],
    ]);
    expect(run.bodies[1]?.messages.filter(({ role }) => role === "tool")).toHaveLength(2);
  });

  test("a broken call is asked for again, once, and never run", async () => {
    const run = await start({
      turns: [{ calls: [call('{"city": Par')] }, { calls: [call(PARIS)] }, { text: "Sunny." }],
    });
    expect(execute.mock.calls).toEqual([[{ city: "Paris" }]]);
    expect(ofType(run, "warning")[0]?.warning).toMatchObject({ code: "BROKEN_CALL_RETRIED" });
    expect(run.result).toMatchObject({ text: "Sunny.", usage: { prompt_tokens: 300 } });
    expect(run.result?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
  });

  test("twice broken: the run ends with that error, and nothing has run", async () => {
    const run = await start({ turns: [{ calls: [call('{"city": Par')] }] });
    expect(execute).not.toHaveBeenCalled();
    expect(run.error).toMatchObject({ code: "STREAM_MALFORMED", reason: "broken-call" });
    expect(run.bodies).toHaveLength(2);
  });

  test("with brokenCalls: report it is answered instead", async () => {
    const { client, bodies } = createRunServer({ turns: [{ calls: [call(PARIS)], finish: "length" }, { text: "ok" }] });
    execute.mockClear();
    const run = await collect(runTools(client, PARAMS, { brokenCalls: "report" }));
    expect(execute).not.toHaveBeenCalled();
    expect(ofType(run, "tool_result")).toMatchObject([
      { isError: true, output: expect.stringContaining("was not run") },
    ]);
    expect(bodies).toHaveLength(2);
  });
});

describe("a run ends", () => {
  const different = (limit = Infinity) => {
    let count = 0;
    return () => ((count += 1) > limit ? { text: "done" } : { calls: [call(`{"city":"${count}"}`)] });
  };

  test("where the model repeats a call: the third is answered, the fourth ends it", async () => {
    const run = await start({ turns: [{ calls: [call('{"city":"Paris"}')] }] });
    expect(execute).toHaveBeenCalledTimes(2);
    expect(run.bodies).toHaveLength(4);
    expect(run.result).toMatchObject({ stoppedBy: "repeated-call" });
    expect(ofType(run, "tool_result").at(2)).toMatchObject({
      isError: true,
      output: expect.stringContaining("3 times in a row"),
    });
    expect(run.result?.messages.at(-1)).toMatchObject({ role: "tool" });
  });

  test("the same call in other words counts, another one between does not", async () => {
    const tool = defineTool({ name: "f", parameters: {}, execute: () => "x" });
    const turn = (args: string) => ({ calls: [call(args, "f")] });
    const same = [turn('{"a":1,"b":2}'), turn('{"b":2,"a":1}'), turn('{ "a": 1, "b": 2 }'), { text: "ok" }];
    const first = await start({ turns: same }, { tools: [tool] });
    expect(ofType(first, "tool_result").map(({ isError }) => isError)).toEqual([false, false, true]);
    const between = [turn("{}"), turn("{}"), turn('{"a":1}'), turn("{}"), { text: "ok" }];
    const second = await start({ turns: between }, { tools: [tool] });
    expect(ofType(second, "tool_result").every(({ isError }) => !isError)).toBe(true);
  });

  test("after maxSteps, 25 unless it is given; the last calls have their results", async () => {
    const many = await start({ turns: [different()] });
    expect(many.bodies).toHaveLength(25);
    expect(many.result).toMatchObject({ stoppedBy: "max-steps" });
    const few = await start({ turns: [different()] }, { maxSteps: 2 });
    expect(execute).toHaveBeenCalledTimes(2);
    expect(few.result?.messages.at(-1)).toMatchObject({ role: "tool", content: "sunny in 2" });
    const enough = await start({ turns: [different(2)] }, { maxSteps: 3 });
    expect(enough.result?.stoppedBy).toBeUndefined();
  });

  test("after maxTokensTotal", async () => {
    const run = await start({ turns: [different()] }, { maxTokensTotal: 300 });
    expect(run.bodies).toHaveLength(3);
    expect(run.result).toMatchObject({ stoppedBy: "max-tokens-total", usage: { total_tokens: 360 } });
  });

  test("when stopWhen says so, after the calls were run", async () => {
    const seen: number[] = [];
    const run = await start(
      { turns: [different()] },
      {
        stopWhen: async ({ steps, messages, usage }) => {
          seen.push(messages.length, usage?.prompt_tokens ?? 0);
          return steps.length === 2;
        },
      },
    );
    expect(seen).toEqual([3, 100, 5, 200]);
    expect(run.result).toMatchObject({ stoppedBy: "stop-when" });
    const error = new TypeError("mine");
    expect((await start({ turns: [different()] }, { stopWhen: () => Promise.reject(error) })).error).toBe(error);
  });

  test.each([
    ["length", "truncated"],
    ["content_filter", "filtered"],
  ])("with an answer that ended by %s, and says so", async (finish, ending) => {
    const run = await start({ turns: [{ text: "Half an", finish }] });
    expect(run.result).toMatchObject({ text: "Half an", ending });
  });
});

describe("an error", () => {
  test("ends the run; what has come so far is kept", async () => {
    const { client } = createRunServer({
      turns: [{ calls: [call(PARIS)] }, { refusal: { status: 400, message: "max_tokens must be at least 1, got 0." } }],
    });
    const run = runTools(client, PARAMS);
    const { error, events } = await collect(run);
    expect(error).toMatchObject({ code: "INVALID_REQUEST" });
    expect(events.some(({ type }) => type === "done")).toBe(false);
    expect(run.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
  });

  test.each([
    ["no parameters", undefined, "no list of tools"],
    ["no tools", { messages: [QUESTION] }, "no list of tools"],
    ["no execute", { messages: [QUESTION], tools: [defineTool({ name: "f", parameters: {} })] }, "has no execute"],
    ["a copy", { messages: [QUESTION], tools: [{ ...getWeather }] }, "has no execute"],
    ["a name twice", { messages: [QUESTION], tools: [getWeather, getWeather] }, "Two tools are called get_weather"],
    ["several answers", { ...PARAMS, n: 2 }, "one answer"],
    ["no step", { ...PARAMS, maxSteps: 0 }, "maxSteps"],
    ["half a token", { ...PARAMS, maxTokensTotal: 0.5 }, "maxTokensTotal"],
    ["stopWhen as a number", { ...PARAMS, stopWhen: 3 }, "stopWhen"],
    ["no messages", { tools: [getWeather] }, "messages"],
  ])("%s is refused before anything is sent", async (_, params, message) => {
    const { client, paths } = createRunServer({ turns: [{ text: "x" }] });
    const { error } = await collect(runTools(client, params as never));
    expect(error).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringContaining(message) });
    expect(paths).toEqual([]);
  });
});

describe("stopping", () => {
  const hanging = () => createRunServer({ turns: [{ calls: [call(PARIS)] }, { text: "Sun", hangs: true }] });

  test("the signal stops the server", async () => {
    const server = hanging();
    const controller = new AbortController();
    const run = await collect(runTools(server.client, PARAMS, { signal: controller.signal }), (event) => {
      if (event.type === "text_delta") controller.abort(new Error("enough"));
    });
    expect(run.error).toMatchObject({ code: "ABORTED", partial: { text: "Sun" } });
    expect(server.aborted).toBe(1);
  });

  test("so does abort(), and leaving the loop", async () => {
    const first = hanging();
    const run = runTools(first.client, PARAMS);
    const { error } = await collect(run, ({ type }) => {
      if (type === "text_delta") run.abort();
    });
    expect(error).toMatchObject({ code: "ABORTED" });
    expect(first.aborted).toBe(1);
    const second = hanging();
    const left = runTools(second.client, PARAMS);
    for await (const { type } of left) if (type === "text_delta") break;
    expect(second.aborted).toBe(1);
    await expect(left.result()).rejects.toMatchObject({ code: "ABORTED" });
  });

  test("before the first request nothing is sent", async () => {
    const { client, paths } = createRunServer({ turns: [{ text: "x" }] });
    const { error } = await collect(runTools(client, PARAMS, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: "ABORTED" });
    expect(paths).toEqual([]);
  });

  test("a tool is stopped by its signal, and one that does not listen keeps nobody waiting", async () => {
    const controller = new AbortController();
    let seen: AbortSignal | undefined;
    const deaf = defineTool({
      name: "get_weather",
      parameters: z.object({ city: z.string() }),
      execute(_, { signal }) {
        seen = signal;
        queueMicrotask(() => controller.abort());
        return new Promise<string>(() => {});
      },
    });
    const { client } = createRunServer({ turns: [{ calls: [call(PARIS)] }] });
    const run = await collect(runTools(client, { ...PARAMS, tools: [deaf] }, { signal: controller.signal }));
    expect(run.error).toMatchObject({ code: "ABORTED" });
    expect(VllmError.isInstance(run.error)).toBe(true);
    expect(seen?.aborted).toBe(true);
  });

  test("a run that ends well leaves its tools' signal alone", async () => {
    let seen: AbortSignal | undefined;
    const tool = defineTool({
      name: "f",
      parameters: {},
      execute(_, { signal }) {
        seen = signal;
        return "started";
      },
    });
    await start({ turns: [{ calls: [call("{}", "f")] }, { text: "ok" }] }, { tools: [tool] });
    expect(seen?.aborted).toBe(false);
  });
});
