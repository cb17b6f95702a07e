import { describe, expect, it } from "vitest";

import type { Reply } from "./reply.ts";
import { readReplies } from "./read-replies.ts";
import { toScript } from "./to-script.ts";
import { TOOL_CALL_STYLES, type ToolCallStyleName } from "./tool-call-styles.ts";

const replies = await readReplies();
const script = toScript(replies, "hermes", true);

type Turn = [role: "system" | "user" | "assistant" | "tool", content: string];

/** What the chat template of python/make_model.py renders (the live test compares them). */
function toPrompt(turns: readonly Turn[], ending = ""): string {
  const rendered = turns.map(([role, content]) =>
    role === "tool"
      ? `<|im_start|>user\n<tool_response>\n${content}\n</tool_response><|im_end|>\n`
      : `<|im_start|>${role}\n${content}<|im_end|>\n`,
  );
  return `${rendered.join("")}<|im_start|>assistant\n${ending}`;
}

function find(...turns: Turn[]): Reply | undefined {
  return findIn(toPrompt(turns));
}

function findIn(prompt: string): Reply | undefined {
  const index = script.findIndex(({ when }) => new RegExp(when, "s").test(prompt));
  return replies[index];
}

/** The tool calls of a reply as `name(arguments)`, then its text. */
function summarise(reply: Reply | undefined): string[] {
  return (reply?.say ?? ["(random)"]).map((piece) => {
    if (typeof piece === "string") return piece;
    if ("preamble" in piece) return "";
    return piece.calls.map((call) => `${call.name} ${Object.values(call.arguments).join(" ")}`).join(" + ");
  });
}

const said = (...turns: Turn[]) => summarise(find(...turns)).join("");

const CALL = '<tool_call>\n{"name": "x", "arguments": {}}\n</tool_call>';

const results = (count: number): Turn[] =>
  Array.from({ length: count }, (): Turn[] => [
    ["assistant", CALL],
    ["tool", "2"],
  ]).flat();

describe("questions", () => {
  const asked = replies.flatMap((reply) => (reply.ask === undefined ? [] : [{ ...reply, ask: reply.ask }]));

  it.each(asked)("$ask gets its own reply", ({ ask, about, say }) => {
    expect(find(["user", ask])).toMatchObject({ about, say });
  });

  it.each(asked)("$ask gets it after other turns too", ({ ask, about, say }) => {
    const history: Turn[] = [
      ["system", "You are helpful."],
      ["user", "What is the weather in Paris?"],
      ["assistant", CALL],
      ["tool", "18 degrees"],
      ["assistant", "Summarised: hello."],
    ];
    expect(find(...history, ["user", ask])).toMatchObject({ about, say });
  });

  it("has a reply for everything else", () => {
    expect(said(["user", "What do you make of this?"])).toContain("scripted model");
  });

  it("does not take a phrase of the system prompt for a question", () => {
    expect(said(["system", "Say nothing. emoji"], ["user", "Hello"])).toBe("Hello there! How can I help you today?");
  });

  it("is not irritated by a thought that the template has closed", () => {
    const prompt = toPrompt([["user", "Hello"]], "<think>\n\n</think>\n\n");
    expect(summarise(findIn(prompt))).toEqual(["Hello there! How can I help you today?"]);
  });

  it("says nothing scripted to a prompt without a chat template", () => {
    expect(findIn("Hello")).toBeUndefined();
  });

  it("says nothing scripted when it is to go on with an answer", () => {
    expect(findIn("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHello th")).toBeUndefined();
  });

  it("summarises what it is given, whatever is in it", () => {
    expect(said(["user", "Summarise this:\nWhat is the weather in Paris and Tokyo? say nothing. What is 6 * 7?"])).toBe(
      "It is about a small robot that learned to read, and about what it read first.",
    );
  });
});

describe("two tools", () => {
  const BOTH = "What time is it and what is 17 * 23?";
  const IN_ORDER = "One after another: what time is it, and what is 17 * 23?";

  it("calls both in one turn and answers when both results are there", () => {
    expect(said(["user", BOTH])).toBe("clock UTC + calculator 17 * 23");
    expect(said(["user", BOTH], ["assistant", CALL], ["tool", "12:00"], ["tool", "391"])).toBe(
      "It is {{result 1}}, and 17 * 23 = {{result 2}}.",
    );
  });

  it("calls one after the other when asked to", () => {
    const first: Turn[] = [["user", IN_ORDER]];
    const second: Turn[] = [...first, ["assistant", CALL], ["tool", "12:00"]];
    const third: Turn[] = [...second, ["assistant", CALL], ["tool", "391"]];
    expect(said(...first)).toBe("clock UTC");
    expect(said(...second)).toBe("calculator 17 * 23");
    expect(said(...third)).toBe("It is {{result 1}}, and 17 * 23 = {{result 2}}.");
  });

  it("begins again when the same is asked a second time", () => {
    const first: Turn[] = [
      ["user", BOTH],
      ["assistant", CALL],
      ["tool", "12:00"],
      ["tool", "391"],
      ["assistant", "It is 12:00, and 17 * 23 = 391."],
    ];
    expect(said(...first, ["user", BOTH])).toBe("clock UTC + calculator 17 * 23");
    expect(said(...first, ["user", BOTH], ["assistant", CALL], ["tool", "12:01"], ["tool", "391"])).toBe(
      "It is {{result 1}}, and 17 * 23 = {{result 2}}.",
    );
  });

  it("counts only results since the user last spoke", () => {
    const before: Turn[] = [
      ["user", "Hello"],
      ["assistant", CALL],
      ["tool", "1"],
      ["tool", "2"],
      ["assistant", "Done."],
    ];
    expect(said(...before, ["user", IN_ORDER], ["assistant", CALL], ["tool", "12:00"])).toBe("calculator 17 * 23");
  });

  it("is not led astray by what a tool result says", () => {
    expect(said(["user", "What time is it?"], ["assistant", CALL], ["tool", "17 * 23, step by step, emoji"])).toBe(
      "It is {{result 1}}.",
    );
  });
});

describe("file tools", () => {
  it.each([
    ["Read README.md", "README.md"],
    ["read the file src/index.ts, please", "src/index.ts"],
    ["Please read ../../etc/passwd.", "../../etc/passwd"],
    ["Read the README", "README"],
  ])("%s → read_file", (question, path) => {
    const prompt = toPrompt([["user", question]]);
    const rule = script.find(({ when }) => new RegExp(when, "s").test(prompt));
    expect(rule?.say).toContain('"name": "read_file", "arguments": {"path": "{{1}}"}');
    expect(new RegExp(rule?.when ?? "", "s").exec(prompt)?.[1]).toBe(path);
  });

  it("reads before it summarises a file", () => {
    const question: Turn = ["user", "Read README.md and summarise it"];
    expect(said(question)).toBe("read_file {{1}}");
    expect(said(question, ["assistant", CALL], ["tool", "# Title"])).toBe("In short: it is about {{result 1}}");
  });

  it("finds, reads, answers", () => {
    const first: Turn[] = [["user", "Find and read the README"]];
    const second: Turn[] = [...first, ["assistant", CALL], ["tool", "README.md:1"]];
    const third: Turn[] = [...second, ["assistant", CALL], ["tool", "# Title"]];
    expect([said(...first), said(...second), said(...third)]).toEqual([
      "search_files README .",
      "read_file README.md",
      "I have found and read it. It begins:\n\n{{result 2}}",
    ]);
  });

  it("lists a folder, or the current one", () => {
    expect(said(["user", "List the files in src"])).toBe("list_files ./{{1}}");
    expect(said(["user", "List files"])).toBe("list_files ./{{1}}");
  });
});

describe("loops", () => {
  it.each([0, 1, 2, 10, 40])("makes the same call after %i results", (count) => {
    expect(said(["user", "Loop forever"], ...results(count))).toBe("calculator 1 + 1");
  });

  it.each([0, 1, 2])("three times: calls after %i results", (count) => {
    expect(said(["user", "Loop three times"], ...results(count))).toBe("calculator 1 + 1");
  });

  it("three times: then answers", () => {
    expect(said(["user", "Loop three times"], ...results(3))).toContain("I am sure");
  });

  it("makes another call each time", () => {
    expect(said(["user", "Count forever"], ...results(7))).toBe("calculator {{results}} + 1");
  });

  it("answers after any other tool", () => {
    expect(said(["user", "no arguments"], ...results(1))).toContain("東京");
  });
});

describe("the data", () => {
  it("keeps user patterns inside the user's turn", () => {
    expect(replies.filter(({ user }) => /(?<!\\)\.[*+]/.test(user)).map(({ user }) => user)).toEqual([]);
  });

  it("writes only groups that Python and JavaScript both know", () => {
    expect(replies.filter(({ user }) => /\(\?(?![:!=])/.test(user)).map(({ user }) => user)).toEqual([]);
  });

  it("fills only groups that its pattern has", () => {
    for (const reply of replies) {
      const groups = new RegExp(`${reply.user}|`).exec("")?.length ?? 1;
      const used = [...JSON.stringify(reply.say).matchAll(/\{\{(\d+)\}\}/g)].map(([, group]) => Number(group));
      expect(Math.max(0, ...used), reply.user).toBeLessThan(groups);
    }
  });

  it("puts into call arguments only what needs no escaping in any style", () => {
    for (const reply of replies) {
      for (const piece of reply.say ?? []) {
        if (typeof piece !== "object" || !("calls" in piece)) continue;
        expect(JSON.stringify(piece.calls), reply.user).not.toMatch(/\{\{result \d/);
      }
    }
  });

  it.each(Object.keys(TOOL_CALL_STYLES) as ToolCallStyleName[])("is a whole script in the style %s", (style) => {
    const plain = toScript(replies, style, false);
    const thinking = toScript(replies, style, true);
    expect(plain).toHaveLength(replies.length);
    expect(plain.map(({ when }) => when)).toEqual(thinking.map(({ when }) => when));
    expect(thinking.some(({ say }) => say?.startsWith("<think>\nTwo questions"))).toBe(true);
    expect(plain.some(({ say }) => say?.includes("Two questions"))).toBe(false);
  });
});
