import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatMessage } from "../request/index.ts";
import { sizeOf, trimMessages } from "./trim-messages.ts";

const system: ChatMessage = { role: "system", content: "Be brief." };
const user = (content: string): ChatMessage => ({ role: "user", content });
const says = (content: string): ChatMessage => ({ role: "assistant", content });
const calls = (...ids: string[]): ChatMessage => ({
  role: "assistant",
  content: null,
  tool_calls: ids.map((id) => ({ id, type: "function", function: { name: "f", arguments: "{}" } })),
});
const result = (id: string, content = "x"): ChatMessage => ({ role: "tool", tool_call_id: id, content });
const total = (messages: readonly ChatMessage[]) => messages.reduce((sum, each) => sum + sizeOf(each), 0);
const NOTHING = { dropAbove: 0, shortenAbove: Infinity };

describe("trimMessages", () => {
  test("changes nothing that fits", () => {
    const messages = [system, user("a"), says("b"), user("c")];
    expect(trimMessages(messages, { dropAbove: 1e6, shortenAbove: 1e6 })).toEqual({
      messages,
      droppedMessages: 0,
      shortenedResults: 0,
    });
  });

  test("drops whole exchanges, oldest first, and only as many as it must", () => {
    const messages = [system, user("a"), calls("1"), result("1"), says("b"), user("c"), says("d"), user("e")];
    const { droppedMessages, messages: kept } = trimMessages(messages, {
      dropAbove: total(messages) - 1,
      shortenAbove: Infinity,
    });
    expect(kept).toEqual([system, user("c"), says("d"), user("e")]);
    expect(droppedMessages).toBe(4);
  });

  test("of one long question drops the oldest turns of the model, each with its results", () => {
    const messages = [system, user("a"), calls("1", "2"), result("1"), result("2"), calls("3"), result("3")];
    expect(trimMessages(messages, NOTHING).messages).toEqual([system, user("a"), calls("3"), result("3")]);
  });

  test("keeps system messages of the beginning, the last question and the last turn, whatever they cost", () => {
    const messages = [
      system,
      { ...system, role: "developer" as const },
      user("a"),
      says("b"),
      user("c"),
      calls("1"),
      result("1"),
    ];
    expect(trimMessages(messages, NOTHING).messages).toEqual([
      messages[0],
      messages[1],
      user("c"),
      calls("1"),
      result("1"),
    ]);
    expect(trimMessages([user("a")], NOTHING).messages).toEqual([user("a")]);
    expect(trimMessages([system], NOTHING).messages).toEqual([system]);
    expect(trimMessages([], NOTHING).messages).toEqual([]);
  });

  test("shortens results, oldest first, when dropping is not enough", () => {
    const messages = [user("a"), calls("1", "2"), result("1", "y".repeat(2000)), result("2", "z".repeat(2000))];
    const trimmed = trimMessages(messages, { dropAbove: 0, shortenAbove: total(messages) - 1 });
    expect(trimmed).toMatchObject({ droppedMessages: 0, shortenedResults: 1 });
    expect(trimmed.messages[2]?.content).toBe(
      `${"y".repeat(200)}\n[shortened to fit the context window: it had 2000 characters]`,
    );
    expect(trimmed.messages[3]).toBe(messages[3]);
    expect(trimMessages(messages, { dropAbove: 0, shortenAbove: 0 }).shortenedResults).toBe(2);
  });

  test("never leaves a result without its call, nor a call without its results", () => {
    const turn = fc.oneof(
      fc.string().map((text) => [user(text)]),
      fc.string().map((text) => [says(text)]),
      fc.array(fc.uuid(), { minLength: 1, maxLength: 3 }).map((ids) => [calls(...ids), ...ids.map((id) => result(id))]),
    );
    fc.assert(
      fc.property(fc.array(turn), fc.boolean(), fc.nat(2000), (turns, hasSystem, dropAbove) => {
        const given = [...(hasSystem ? [system] : []), ...turns.flat()];
        const { messages, droppedMessages } = trimMessages(given, { dropAbove, shortenAbove: Infinity });
        expect(messages).toHaveLength(given.length - droppedMessages);
        const open = new Set<string>();
        for (const message of messages) {
          if (message.role === "assistant") for (const { id } of message.tool_calls ?? []) open.add(id);
          if (message.role === "tool") expect(open.delete(message.tool_call_id)).toBe(true);
        }
        expect(open.size).toBe(0);
        expect(messages.at(-1)).toEqual(given.at(-1));
        if (hasSystem) expect(messages[0]).toEqual(system);
        const question = given.findLast(({ role }) => role === "user");
        if (question !== undefined) expect(messages).toContainEqual(question);
      }),
    );
  });
});
