import { describe, expect, test } from "vitest";
import { createAgentConversation } from "./agent-conversation.ts";
import { recordingsOf } from "./recordings.ts";
import { readText } from "./reply.ts";

const next = createAgentConversation(recordingsOf("0.32.0/lab"));
const tool = (name: string) => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: {} } },
});
const tools = [tool("calculator"), tool("clock")];
const user = (content: unknown) => ({ role: "user", content });
const result = (content: string) => ({ role: "tool", tool_call_id: "x", content });
const called = { role: "assistant", content: null, tool_calls: [] };
const question = "What time is it and what is 17 * 23?";

interface Answer {
  choices: {
    finish_reason: string;
    message: { content: string; reasoning: string; tool_calls?: { function: { name: string; arguments: string } }[] };
  }[];
}

function ask(messages: object[], rest: object = { tools }): Answer["choices"][0] {
  const reply = next({ messages, ...rest });
  return (JSON.parse(readText(reply!)) as Answer).choices[0]!;
}

describe("the agent's conversation", () => {
  test("a question that needs two tools gets a thought and two calls", () => {
    const { finish_reason, message } = ask([{ role: "system", content: "Anything." }, user(question)]);
    expect(finish_reason).toBe("tool_calls");
    expect(message.reasoning).toContain("Two questions");
    expect(message.tool_calls?.map((call) => [call.function.name, call.function.arguments])).toEqual([
      ["clock", '{"timezone": "UTC"}'],
      ["calculator", '{"expression": "17 * 23"}'],
    ]);
  });

  test("with both results it gets the answer that repeats them", () => {
    const { finish_reason, message } = ask([user(question), called, result("ten past nine"), result("391")]);
    expect(finish_reason).toBe("stop");
    expect(message.content).toBe("\n\nIt is ten past nine, and 17 * 23 = 391.");
    expect(message.reasoning).toContain("ten past nine and 391");
  });

  test("two tools one after the other", () => {
    const asked = user("One after another: what time is it, and what is 17 * 23?");
    expect(ask([asked]).message.tool_calls?.map((call) => call.function.name)).toEqual(["clock"]);
    expect(ask([asked, called, result("9:10")]).message.tool_calls?.map((call) => call.function.name)).toEqual([
      "calculator",
    ]);
    expect(ask([asked, called, result("9:10"), called, result("391")]).message.content).toBe(
      "\n\nIt is 9:10, and 17 * 23 = 391.",
    );
  });

  test("earlier turns do not count: only results since the last question", () => {
    const messages = [
      user("Hello"),
      { role: "assistant", content: "Hi" },
      user(question),
      called,
      result("a"),
      result("b"),
      { role: "assistant", content: "Done." },
      user(question),
    ];
    expect(ask(messages).finish_reason).toBe("tool_calls");
  });

  test("case, blanks, punctuation and content parts make no other question", () => {
    expect(ask([user("what TIME is it,  and what is 17 * 23")]).finish_reason).toBe("tool_calls");
    expect(ask([user([{ type: "text", text: question }])]).finish_reason).toBe("tool_calls");
    expect(ask([user("Hi!")]).message.content).toContain("Hello there!");
  });

  test("more results than were recorded: the last recorded turn goes on", () => {
    const loop = [user("Loop forever"), called, result("2"), called, result("2"), called, result("2")];
    expect(ask(loop).message.tool_calls).toHaveLength(1);
  });

  test("an unknown question gets the lab's own answer, which says what can be asked", () => {
    expect(ask([user("Who was the first person on the moon?")]).message.content).toContain("I am a scripted model");
    expect(ask([]).message.content).toContain("I am a scripted model");
  });

  test("streamed requests get streams", () => {
    const reply = next({ messages: [user(question)], tools, stream: true })!;
    expect(readText(reply)).toMatch(/^data: \{.*data: \[DONE\]\n\n$/s);
  });

  test("a configuration that was never asked such things has no such answer", () => {
    expect(createAgentConversation(recordingsOf("0.10.2/small"))({ messages: [user(question)] })).toBeUndefined();
  });
});
