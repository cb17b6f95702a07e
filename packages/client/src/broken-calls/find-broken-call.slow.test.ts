import { ATOMS, complaintsAbout } from "@vllm-tooling/contract";
import { expect, test } from "vitest";
import type { ChatChoice } from "../stream/result.ts";
import { findBrokenCall } from "./find-broken-call.ts";

const MARKERS = ["<tool_call>", "<tool_calls", "<function=f>", "functions.f", "```", "<|channel|>final<|message|>"];

test("a call is looked for in linear time", async () => {
  const choiceOf = (text: string): ChatChoice => ({
    choiceIndex: 0,
    text,
    thinking: "",
    toolCalls: [],
    finishReason: "length",
    ending: "truncated",
    message: { role: "assistant", content: text },
  });
  const run = (choice: ChatChoice) => findBrokenCall([choice], { toolNames: ["f"], findsCalls: true });
  const pass = { prepare: choiceOf, run, mostBlockedMs: 100 };
  expect(await complaintsAbout(pass, [...ATOMS, ...MARKERS])).toEqual([]);
});
