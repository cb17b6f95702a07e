import { growthOf } from "@vllm-tooling/contract";
import * as fc from "fast-check";
import { loadFixture } from "@vllm-tooling/fixtures";
import { describe, expect, test } from "vitest";
import { profileWith } from "../../test/families/profile.ts";
import { prepareRequest } from "./index.ts";
import type { ChatMessage, HistoryOptions, PrepareContext } from "./index.ts";

interface SentMessage {
  role: string;
  content?: unknown;
  reasoning?: string;
  reasoning_content?: string;
  tool_calls?: { id: string; type: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

function send(messages: readonly ChatMessage[], history?: HistoryOptions, context: PrepareContext = {}) {
  const { body, warnings } = prepareRequest({ messages, history }, context);
  return { messages: body["messages"] as SentMessage[], warnings, kwargs: body["chat_template_kwargs"] };
}

const user = (content: string): ChatMessage => ({ role: "user", content });
const system = (content: string): ChatMessage => ({ role: "system", content });
const call = (id: string, name = "now", args = "{}") => ({
  id,
  type: "function" as const,
  function: { name, arguments: args },
});
const calls = (...list: ReturnType<typeof call>[]): ChatMessage => ({
  role: "assistant",
  content: null,
  tool_calls: list,
});
const result = (id: string): ChatMessage => ({ role: "tool", tool_call_id: id, content: "12:00" });

describe("a conversation that is in order", () => {
  test("is sent as it is, and nothing in it is changed in place", () => {
    const messages: ChatMessage[] = [
      system("Be brief."),
      user("What time is it?"),
      {
        role: "assistant",
        content: "I look.",
        reasoning: "The clock.",
        tool_calls: [call("a", "now", '{"zone": "UTC"}')],
      },
      result("a"),
      { role: "assistant", content: "Noon." },
      {
        role: "user",
        content: [
          { type: "text", text: "And here?" },
          { type: "image_url", image_url: { url: "data:," } },
        ],
      },
    ];
    const before = structuredClone(messages);
    expect(send(messages)).toEqual({ messages: before, warnings: [], kwargs: undefined });
    const strict = profileWith({
      history: {
        laterSystem: "rejected",
        secondSystem: "dropped",
        consecutiveUser: "rejected",
        developerRole: "rejected",
        toolCallIds: "kimi-k2",
      },
    });
    send(messages, { reasoning: "drop" }, { profile: strict });
    expect(messages).toEqual(before);
  });
});

describe("thoughts", () => {
  const turn = (fields: Record<string, unknown>) => [
    user("x"),
    { role: "assistant", content: "y", ...fields } as ChatMessage,
  ];

  test.each<[Record<string, unknown>, HistoryOptions["reasoning"], Record<string, unknown>]>([
    [{ reasoning: "t" }, undefined, { reasoning: "t" }],
    [{ reasoning_content: "t" }, undefined, { reasoning: "t" }],
    [{ reasoning: "t", reasoning_content: "t" }, undefined, { reasoning: "t" }],
    [{ reasoning: "", reasoning_content: "t" }, undefined, { reasoning: "t" }],
    [{ reasoning: null }, undefined, {}],
    [{ reasoning: "" }, undefined, {}],
    [{ reasoning: "t" }, "reasoning_content", { reasoning_content: "t" }],
    [{ reasoning: "t" }, "both", { reasoning: "t", reasoning_content: "t" }],
    [{ reasoning: "t" }, "drop", {}],
  ])("%j with %s: %j", (fields, reasoning, expected) => {
    expect(send(turn(fields), { reasoning }).messages[1]).toEqual({ role: "assistant", content: "y", ...expected });
  });

  test("the recorded request comes out as it was", () => {
    const { request } = loadFixture("0.32.0/hermes-qwen3/history-reasoning");
    const { messages } = request.body as { messages: ChatMessage[] };
    expect(send(messages).messages).toEqual(messages);
  });

  test("are kept across turns by the template's own switch, when there are any", () => {
    const profile = profileWith({ history: { keepReasoningKwargs: { preserve_thinking: true } } });
    expect(send(turn({ reasoning: "t" }), {}, { profile }).kwargs).toEqual({ preserve_thinking: true });
    expect(send(turn({}), {}, { profile }).kwargs).toBeUndefined();
    expect(send(turn({ reasoning: "t" }), { keepReasoning: false }, { profile }).kwargs).toBeUndefined();
    expect(send(turn({ reasoning: "t" }), { reasoning: "drop" }, { profile }).kwargs).toBeUndefined();
    expect(send(turn({ reasoning: "t" }), { keepReasoning: true }).kwargs).toBeUndefined();
  });

  test("and the caller's own switch wins", () => {
    const profile = profileWith({
      history: { keepReasoningKwargs: { clear_thinking: false } },
      thinking: { default: "on", off: { chat_template_kwargs: { enable_thinking: false } } },
    });
    const { body } = prepareRequest(
      { messages: turn({ reasoning: "t" }), thinking: "off", chat_template_kwargs: { clear_thinking: true } },
      { profile },
    );
    expect(body["chat_template_kwargs"]).toEqual({ clear_thinking: true, enable_thinking: false });
  });
});

describe("arguments of earlier calls", () => {
  test.each([
    ['{"city": "Paris"}', '{"city": "Paris"}'],
    [' {"city": "Paris"}\n', ' {"city": "Paris"}\n'],
    ["", "{}"],
    ["  ", "{}"],
    [undefined, "{}"],
    [null, "{}"],
    [{ city: "Paris" }, '{"city":"Paris"}'],
  ])("%j is sent as %s", (given, expected) => {
    const { messages, warnings } = send([calls(call("a", "now", given as string))]);
    expect(messages[0]?.tool_calls?.[0]?.function.arguments).toBe(expected);
    expect(warnings).toEqual([]);
  });

  test.each(['{"city": "Par', '{"city": }', "Paris", '"Paris"', "[1]", "5", "null"])(
    "%s is repaired, with the model's text in it",
    (given) => {
      const { messages, warnings } = send([calls(call("a", "now", given))]);
      const sent = messages[0]?.tool_calls?.[0]?.function.arguments ?? "";
      expect(JSON.parse(sent)).toEqual({ invalid_json: given });
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatchObject({ code: "history-rewritten" });
      expect(`${warnings[0]?.message}${warnings[0]?.hint}`).not.toContain(given);
    },
  );

  test("recorded: what 0.24.0 refused", () => {
    const { request, response } = loadFixture("0.24.0/small/tool-history-bad-arguments");
    expect(response.status).toBe(400);
    const { messages } = request.body as { messages: ChatMessage[] };
    for (const message of send(messages).messages) {
      for (const { function: called } of message.tool_calls ?? []) {
        expect(typeof JSON.parse(called.arguments)).toBe("object");
      }
    }
  });

  test("several are one warning", () => {
    const { warnings } = send([calls(call("a", "now", "{"), call("b", "now", "["))]);
    expect(warnings.map((warning) => warning.message.slice(0, 12))).toEqual(["2 tool calls"]);
  });

  test("a type that is missing is added, an empty list of calls is not sent", () => {
    const bare = {
      role: "assistant",
      content: "x",
      tool_calls: [{ id: "a", function: { name: "now", arguments: "{}" } }],
    };
    expect(send([bare as unknown as ChatMessage]).messages[0]?.tool_calls?.[0]?.type).toBe("function");
    expect(send([{ role: "assistant", content: "x", tool_calls: [] }]).messages[0]).toEqual({
      role: "assistant",
      content: "x",
    });
  });

  test("a turn without text and calls has an empty text", () => {
    expect(send([{ role: "assistant", content: null, reasoning: "t" }]).messages[0]).toEqual({
      role: "assistant",
      content: "",
      reasoning: "t",
    });
    expect(send([calls(call("a"))]).messages[0]?.content).toBeNull();
  });
});

describe("system messages", () => {
  const conversation = [system("One."), system("Two."), user("Hi"), system("Three."), user("Go on")];
  const shape = (messages: readonly SentMessage[]) =>
    messages.map((message) => `${message.role}: ${String(message.content)}`);

  test.each<[string, HistoryOptions, Parameters<typeof profileWith>[0]["history"], string[], number]>([
    ["nothing known", {}, undefined, ["system: One.", "system: Two.", "user: Hi", "system: Three.", "user: Go on"], 0],
    ["asked", { systemMessages: "merge" }, undefined, ["system: One.\n\nTwo.\n\nThree.", "user: Hi", "user: Go on"], 0],
    [
      "later ones refused",
      {},
      { laterSystem: "rejected" },
      ["system: One.\n\nTwo.\n\nThree.", "user: Hi", "user: Go on"],
      1,
    ],
    [
      "later ones dropped",
      {},
      { laterSystem: "dropped" },
      ["system: One.\n\nTwo.\n\nThree.", "user: Hi", "user: Go on"],
      1,
    ],
    [
      "a second refused",
      {},
      { secondSystem: "rejected" },
      ["system: One.\n\nTwo.", "user: Hi", "system: Three.", "user: Go on"],
      1,
    ],
    [
      "told to keep",
      { systemMessages: "keep" },
      { laterSystem: "rejected", secondSystem: "rejected" },
      ["system: One.", "system: Two.", "user: Hi", "system: Three.", "user: Go on"],
      0,
    ],
    [
      "users merge too",
      {},
      { laterSystem: "dropped", consecutiveUser: "rejected" },
      ["system: One.\n\nTwo.\n\nThree.", "user: Hi\n\nGo on"],
      1,
    ],
    ["asked to fold", { systemMessages: "user" }, undefined, ["user: One.\n\nTwo.\n\nThree.\n\nHi", "user: Go on"], 0],
    [
      "the first one refused, and every other one",
      {},
      { firstSystem: "rejected", laterSystem: "rejected", secondSystem: "rejected" },
      ["user: One.\n\nTwo.\n\nThree.\n\nHi", "user: Go on"],
      1,
    ],
    [
      "the first one dropped, later ones kept",
      {},
      { firstSystem: "dropped" },
      ["user: One.\n\nTwo.\n\nHi", "system: Three.", "user: Go on"],
      1,
    ],
    [
      "told to merge although the first one is refused",
      { systemMessages: "merge" },
      { firstSystem: "rejected" },
      ["system: One.\n\nTwo.\n\nThree.", "user: Hi", "user: Go on"],
      0,
    ],
    [
      "unknown is not bad",
      {},
      { laterSystem: "unknown", secondSystem: "unknown" },
      ["system: One.", "system: Two.", "user: Hi", "system: Three.", "user: Go on"],
      0,
    ],
  ])("%s", (_, history, rules, expected, warned) => {
    const context = rules === undefined ? {} : { profile: profileWith({ history: rules }) };
    const { messages, warnings } = send(conversation, history, context);
    expect(shape(messages)).toEqual(expected);
    expect(warnings.map((warning) => warning.code)).toEqual(Array.from({ length: warned }, () => "history-rewritten"));
  });

  test("one that comes late moves to the beginning", () => {
    const profile = profileWith({ history: { laterSystem: "rejected" } });
    expect(shape(send([user("Hi"), system("Be brief.")], {}, { profile }).messages)).toEqual([
      "system: Be brief.",
      "user: Hi",
    ]);
  });

  test.each<[string, ChatMessage[], string[]]>([
    ["no user message", [system("One.")], ["user: One."]],
    [
      "an answer before the first user message",
      [system("One."), { role: "assistant", content: "Welcome." }, user("Hi")],
      ["assistant: Welcome.", "user: One.\n\nHi"],
    ],
    ["no system message", [user("Hi")], ["user: Hi"]],
  ])("folded: %s", (_, messages, expected) => {
    const profile = profileWith({ history: { firstSystem: "rejected" } });
    expect(shape(send(messages, {}, { profile }).messages)).toEqual(expected);
  });

  test("folded in front of pictures, and the developer's text with it", () => {
    const profile = profileWith({ history: { firstSystem: "rejected", developerRole: "rejected" } });
    const picture = { type: "image_url" as const, image_url: { url: "data:," } };
    const given: ChatMessage[] = [
      { role: "developer", content: "One." },
      { role: "user", content: [picture] },
    ];
    expect(send(given, {}, { profile }).messages).toEqual([
      { role: "user", content: [{ type: "text", text: "One." }, picture] },
    ]);
  });

  test("in parts stay parts", () => {
    const parts: ChatMessage = { role: "system", content: [{ type: "text", text: "Two." }] };
    expect(send([system("One."), parts], { systemMessages: "merge" }).messages).toEqual([
      {
        role: "system",
        content: [
          { type: "text", text: "One." },
          { type: "text", text: "Two." },
        ],
      },
    ]);
  });

  test("developer is system where the template does not know it", () => {
    const developer: ChatMessage = { role: "developer", content: "Be brief." };
    const roles = (history: HistoryOptions, rule: "kept" | "rejected" | "dropped") =>
      send([developer], history, { profile: profileWith({ history: { developerRole: rule } }) }).messages[0]?.role;
    expect(send([developer]).messages[0]?.role).toBe("developer");
    expect(send([developer], { developerRole: "system" }).messages[0]?.role).toBe("system");
    expect(roles({}, "kept")).toBe("developer");
    expect(roles({}, "rejected")).toBe("system");
    expect(roles({}, "dropped")).toBe("system");
    expect(roles({ developerRole: "keep" }, "rejected")).toBe("developer");
  });

  test("developer and system merge together", () => {
    const profile = profileWith({ history: { developerRole: "rejected", secondSystem: "rejected" } });
    const { messages } = send([system("One."), { role: "developer", content: "Two." }, user("Hi")], {}, { profile });
    expect(shape(messages)).toEqual(["system: One.\n\nTwo.", "user: Hi"]);
  });
});

describe("user messages in a row", () => {
  test("merge when asked, texts and parts in order", () => {
    const picture = { type: "image_url" as const, image_url: { url: "data:," } };
    const { messages } = send(
      [
        user("One."),
        { role: "user", content: [picture] },
        user("Two."),
        { role: "assistant", content: "x" },
        user("Three."),
      ],
      { consecutiveUser: "merge" },
    );
    expect(messages).toEqual([
      { role: "user", content: [{ type: "text", text: "One." }, picture, { type: "text", text: "Two." }] },
      { role: "assistant", content: "x" },
      { role: "user", content: "Three." },
    ]);
  });

  test("stay when nobody says so", () => {
    expect(send([user("One."), user("Two.")]).messages).toHaveLength(2);
  });
});

describe("ids of calls", () => {
  const ids = (messages: readonly SentMessage[]) =>
    messages.flatMap((message) => message.tool_call_id ?? message.tool_calls?.map((made) => made.id) ?? []);

  test("Kimi K2: one counter for the conversation", () => {
    const { messages } = send(
      [
        calls(call("chatcmpl-tool-1", "now"), call("chatcmpl-tool-2", "get_weather")),
        result("chatcmpl-tool-2"),
        result("chatcmpl-tool-1"),
        calls(call("functions.now:0", "now")),
        result("functions.now:0"),
      ],
      { toolCallIds: "kimi-k2" },
    );
    expect(ids(messages)).toEqual([
      "functions.now:0",
      "functions.get_weather:1",
      "functions.get_weather:1",
      "functions.now:0",
      "functions.now:2",
      "functions.now:2",
    ]);
  });

  test("Kimi K2: an id that the model repeats belongs to the first call without a result", () => {
    const { messages } = send(
      [
        calls(call("functions.now:0"), call("functions.now:0")),
        result("functions.now:0"),
        result("functions.now:0"),
        result("functions.now:0"),
        result("unknown"),
      ],
      {},
      { profile: profileWith({ history: { toolCallIds: "kimi-k2" } }) },
    );
    expect(ids(messages)).toEqual([
      "functions.now:0",
      "functions.now:1",
      "functions.now:0",
      "functions.now:1",
      "functions.now:1",
      "unknown",
    ]);
  });

  test("Mistral: nine letters or digits, the same in every request, and never twice", () => {
    const conversation = [
      calls(call("X2VI2KVCD"), call("chatcmpl-tool-9f8e"), call("chatcmpl-tool-9f8e"), call("")),
      result("X2VI2KVCD"),
      result("chatcmpl-tool-9f8e"),
      result("chatcmpl-tool-9f8e"),
    ];
    const first = ids(send(conversation, { toolCallIds: "mistral" }).messages);
    expect(first.every((id) => /^[A-Za-z0-9]{9}$/.test(id))).toBe(true);
    expect(first[0]).toBe("X2VI2KVCD");
    expect(new Set(first.slice(0, 4)).size).toBe(4);
    expect(first.slice(4)).toEqual(first.slice(0, 3));
    const longer = ids(send([...conversation, calls(call("later"))], { toolCallIds: "mistral" }).messages);
    expect(longer.slice(0, first.length)).toEqual(first);
  });

  test("any: as they are", () => {
    const profile = profileWith({ history: { toolCallIds: "any" } });
    expect(ids(send([calls(call("a!")), result("a!")], {}, { profile }).messages)).toEqual(["a!", "a!"]);
    const strict = profileWith({ history: { toolCallIds: "mistral" } });
    expect(ids(send([calls(call("a!")), result("a!")], { toolCallIds: "keep" }, { profile: strict }).messages)).toEqual(
      ["a!", "a!"],
    );
  });
});

describe("halves of characters", () => {
  test("are replaced: vLLM refuses them", () => {
    const half = "cut \ud83c";
    const { messages } = send([
      {
        role: "user",
        content: [
          { type: "text", text: half },
          { type: "image_url", image_url: { url: "data:," } },
        ],
      },
      {
        role: "assistant",
        content: half,
        reasoning: half,
        tool_calls: [call("a", "now", `{"zone": "${half}"}`), call("b", "now", half)],
      },
      { role: "tool", tool_call_id: "a", content: half },
      { role: "user", content: "whole 🌞 \ud83c\udf1e" },
    ]);
    const sent = JSON.stringify(messages);
    expect(sent).not.toMatch(/\\ud83c/);
    expect(sent.match(/cut \uFFFD/g)).toHaveLength(6);
    expect(messages[3]?.content).toBe("whole 🌞 🌞");
  });
});

describe("a conversation that was sent once", () => {
  const text = fc.string({ maxLength: 12, unit: "binary" });
  const id = fc.oneof(
    fc.constantFrom("a", "b", "functions.now:0", "X2VI2KVCD", "chatcmpl-tool-1", ""),
    fc.string({ maxLength: 12 }),
  );
  const args = fc.oneof(fc.constantFrom("", "{}", '{"a": 1}', "[1]", '{"a', "null"), text);
  const message: fc.Arbitrary<ChatMessage> = fc.oneof(
    fc.record({ role: fc.constantFrom("system" as const, "developer" as const, "user" as const), content: text }),
    fc.record({
      role: fc.constant("user" as const),
      content: fc.array(
        text.map((part) => ({ type: "text" as const, text: part })),
        { maxLength: 2 },
      ),
    }),
    fc.record({ role: fc.constant("tool" as const), tool_call_id: id, content: text }),
    fc.record({
      role: fc.constant("assistant" as const),
      content: fc.option(text),
      reasoning: text,
      reasoning_content: text,
      tool_calls: fc.array(
        fc.tuple(id, fc.constantFrom("now", "get_weather"), args).map((parts) => call(...parts)),
        { maxLength: 3 },
      ),
    }),
  );
  const rule = fc.constantFrom("kept" as const, "rejected" as const, "dropped" as const, "unknown" as const);
  const rules = fc.record({
    laterSystem: rule,
    secondSystem: rule,
    developerRole: rule,
    consecutiveUser: rule,
    toolCallIds: fc.constantFrom("any" as const, "mistral" as const, "kimi-k2" as const),
  });

  test("is sent the same again, and its beginning stays as more is added", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), rules, (messages, history) => {
        const context = { profile: profileWith({ history }) };
        const once = send(messages, {}, context).messages;
        expect(send(once as ChatMessage[], {}, context).messages).toEqual(once);
        const later = send([...messages, { role: "assistant", content: "End." }], {}, context).messages;
        expect(later.slice(0, once.length)).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a long conversation costs no more than a short one, each message", () => {
  const call = { id: "call", type: "function" as const, function: { name: "f", arguments: "{}" } };

  test.each<[string, ChatMessage[], HistoryOptions]>([
    ["user messages in a row", [{ role: "user", content: "x".repeat(20) }], { consecutiveUser: "merge" }],
    ["calls of one id", [{ role: "assistant", content: null, tool_calls: [call] }], { toolCallIds: "mistral" }],
  ])("%s", (_, messages, history) => {
    const sendMany = (text: string) => send(Array.from({ length: text.length }, () => messages).flat(), history);
    expect(growthOf(sendMany, "x", 500, 8000)).toBeLessThan(8);
  });
});
