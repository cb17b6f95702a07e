import { describe, expect, test } from "vitest";
import { loadFixture } from "@vllm-tooling/fixtures";
import { readText, toReply, type Reply } from "./reply.ts";
import { retell } from "./retell.ts";

const streamed = toReply(loadFixture("0.32.0/lab/demo-time-and-product-2"));
const whole = toReply(loadFixture("0.32.0/lab/demo-time-and-product-2-nonstream"));
const clock = "Sunday, 22 November 2026, 18:30:00 UTC";

interface Event {
  choices: { delta: { content?: string | null; reasoning?: string | null } }[];
}

const eventsOf = (reply: Reply): Event[] =>
  readText(reply)
    .split("\n\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)) as Event);
const textOf = (reply: Reply, field: "content" | "reasoning") =>
  eventsOf(reply)
    .map((event) => event.choices[0]?.delta[field] ?? "")
    .join("");

describe("retell", () => {
  test("without a difference gives the very same bytes", () => {
    expect(retell(streamed, [[clock, clock]])).toBe(streamed);
    expect(retell(streamed, [])).toBe(streamed);
  });

  test("puts the new words into text and thought, over the same events", () => {
    const told = retell(streamed, [
      [clock, "noon"],
      ["391", "four hundred, nearly"],
    ]);
    expect(textOf(told, "content")).toBe("\n\nIt is noon, and 17 * 23 = four hundred, nearly.");
    expect(textOf(told, "reasoning")).toBe("\nBoth tools have answered: noon and four hundred, nearly.\n");
    expect(eventsOf(told)).toHaveLength(eventsOf(streamed).length);
  });

  test("spreads a longer text evenly, never splitting a surrogate pair", () => {
    const told = retell(streamed, [["391", "😀".repeat(30)]]);
    expect(textOf(told, "content")).toContain(`= ${"😀".repeat(30)}.`);
    const pieces = eventsOf(told).map((event) => event.choices[0]?.delta.content ?? "");
    for (const piece of pieces.filter((text) => text.includes("😀"))) {
      expect(piece).not.toMatch(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/);
      expect([...piece].length).toBeLessThan(30);
    }
  });

  test("leaves every other event as it was recorded, byte for byte", () => {
    const before = readText(streamed).split("\n\n");
    const after = readText(retell(streamed, [["391", "392"]])).split("\n\n");
    const changed = before.filter((event, index) => event !== after[index]);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.length).toBeLessThanOrEqual(2 * "391".length);
  });

  test("a replacement that holds what it replaces ends", () => {
    expect(textOf(retell(streamed, [["391", "391391"]]), "content")).toContain("= 391391.");
  });

  test("a dollar sign is no pattern", () => {
    expect(textOf(retell(streamed, [["391", "$&$1"]]), "content")).toContain("= $&$1.");
    expect(readText(retell(whole, [["391", "$&$1"]]))).toContain("= $&$1.");
  });

  test("an answer that is not streamed keeps its shape, and its content-length is right", () => {
    const told = retell(whole, [[clock, 'a "quoted" time']]);
    const message = (JSON.parse(readText(told)) as { choices: { message: { content: string; reasoning: string } }[] })
      .choices[0]!.message;
    expect(message.content).toBe('\n\nIt is a "quoted" time, and 17 * 23 = 391.');
    expect(message.reasoning).toContain('a "quoted" time');
    expect(told.headers).toContainEqual(["content-length", String(Buffer.byteLength(readText(told)))]);
  });
});
