import { describe, expect, test } from "vitest";
import { findConversation } from "./find-conversation.ts";

const find = (headers: Record<string, string>, body: Record<string, unknown> = {}) =>
  findConversation((name) => headers[name], body);

const SYSTEM = { role: "system", content: "You code." };
const FIRST = { role: "user", content: "Fix the test." };
const LATER = [
  { role: "assistant", content: null, tool_calls: [] },
  { role: "tool", content: "1 failed" },
  { role: "user", content: "Go on." },
];

describe("the agent's own name for a conversation", () => {
  const everywhere = {
    "x-session-id": "1",
    "x-session-affinity": "2",
    "session-id": "3",
    session_id: "4",
    "x-claude-code-session-id": "5",
  };

  test("is looked for in this order", () => {
    const body = { prompt_cache_key: "6", messages: [FIRST] };
    const left: Record<string, string> = { ...everywhere };
    for (const [name, value] of Object.entries(everywhere)) {
      expect(find(left, body)).toBe(value);
      delete left[name];
    }
    expect(find({}, body)).toBe("6");
    expect(find({}, { messages: [FIRST] })).toMatch(/^conversation-[0-9a-f]{16}$/);
  });

  test("that is blank or no text is none", () => {
    expect(find({ "x-session-id": " ", "session-id": "s" }, { prompt_cache_key: "k" })).toBe("s");
    expect(find({}, { prompt_cache_key: 7 })).toBeUndefined();
  });
});

describe("a conversation without a name", () => {
  const bodies: [string, (turns: object[]) => Record<string, unknown>][] = [
    ["a chat", (turns) => ({ messages: [SYSTEM, ...turns] })],
    ["Anthropic's messages", (turns) => ({ system: [{ type: "text", text: "You code." }], messages: turns })],
    ["OpenAI's responses", (turns) => ({ instructions: "You code.", input: turns })],
  ];
  test.each(bodies)("%s: keeps the one that is made for it, turn after turn", (_, toBody) => {
    const name = find({}, toBody([FIRST]));
    expect(name).toMatch(/^conversation-/);
    expect(find({}, toBody([FIRST, ...LATER]))).toBe(name);
    expect(find({}, toBody([{ ...FIRST, content: "Another." }]))).not.toBe(name);
  });

  test("a cache mark that moves on does not change it, another system prompt does", () => {
    const turn = (mark: object) => ({ messages: [{ role: "user", content: [{ type: "text", text: "a", ...mark }] }] });
    expect(find({}, turn({ cache_control: { type: "ephemeral" } }))).toBe(find({}, turn({})));
    expect(find({}, { messages: [SYSTEM, FIRST] })).not.toBe(find({}, { messages: [FIRST] }));
  });

  test.each([{}, { messages: null }, { messages: [null, 3] }, { messages: [SYSTEM] }, { input: {} }])(
    "%j has none",
    (body) => {
      expect(find({}, body)).toBeUndefined();
    },
  );

  test("a text alone is a conversation of its own", () => {
    expect(find({}, { input: "Hello" })).toBe(find({}, { input: [{ role: "user", content: "Hello" }] }));
  });
});
