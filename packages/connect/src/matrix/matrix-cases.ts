import { recognizeLeakedCall } from "@vllm/discovery";
import { parseJson } from "@vllm/schema/internal";
import { isObject } from "@vllm/coderclaw-adapter/internal";
import type { ChatAnswer } from "./ask-chat.ts";
import type { MatrixCase, MatrixVerdict } from "./matrix-case.ts";

const says = (content: unknown): { messages: unknown[] } => ({ messages: [{ role: "user", content }] });

const tool = (name: string, properties: object, required: readonly string[], strict = false): object => ({
  type: "function",
  function: {
    name,
    description: `The tool ${name}.`,
    parameters: { type: "object", properties, required, ...(strict ? { additionalProperties: false } : {}) },
    ...(strict ? { strict: true } : {}),
  },
});

const text = { type: "string" };
const readFile = tool("read_file", { path: text }, ["path"]);
const clock = tool("clock", {}, []);
const calculator = tool("calculator", { expression: text }, ["expression"]);
const addEvent = tool(
  "add_event",
  {
    event: {
      type: "object",
      properties: { title: text, guests: { type: "array", items: { type: "object", properties: { name: text } } } },
      required: ["title", "guests"],
    },
  },
  ["event"],
);
/** One black pixel. */
const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";

/** Tokens after which an answer is cut. */
const CUT_AT = 5;
/** Tokens that every other answer may have: a thought and a call. */
export const MOST_TOKENS = 1500;
/** vLLM says `tool_calls`, not `length`, of a call that its limit cut, and counts up to three tokens less. */
const NEARLY_ALL = MOST_TOKENS - 10;

/** What agents need of a server and its model, most needed first. */
export const MATRIX_CASES: readonly MatrixCase[] = [
  {
    name: "one call",
    request: { ...says("Read README.md. Use the tool."), tools: [readFile] },
    judge: (answer) => judgeCalls(answer, 1, "read_file"),
  },
  {
    name: "two calls in one turn",
    request: { ...says("What time is it, and what is 17 * 23? Call both tools now."), tools: [clock, calculator] },
    judge: (answer) => judgeCalls(answer, 2),
  },
  {
    name: "nested arguments",
    request: {
      ...says('Add the event "Lunch" with the guests Ada and Bob. Use the tool.'),
      tools: [addEvent],
      tool_choice: "required",
    },
    judge: (answer) => judgeCalls(answer, 1, "add_event"),
  },
  {
    name: "no arguments",
    request: { ...says("What time is it? Use the tool."), tools: [clock] },
    judge: (answer) => judgeCalls(answer, 1, "clock"),
  },
  {
    name: "tool_choice required",
    request: { ...says("Read README.md."), tools: [readFile], tool_choice: "required" },
    judge: (answer) => judgeCalls(answer, 1, "read_file", true),
  },
  {
    name: "tool_choice by name",
    request: {
      ...says("Read README.md."),
      tools: [readFile, clock],
      tool_choice: { type: "function", function: { name: "read_file" } },
    },
    judge: (answer) => judgeCalls(answer, 1, "read_file", true),
  },
  {
    name: "strict tools",
    request: { ...says("Read README.md. Use the tool."), tools: [tool("read_file", { path: text }, ["path"], true)] },
    judge: (answer) => judgeCalls(answer, 1, "read_file"),
  },
  {
    name: "reasoning and a call",
    request: { ...says("Read README.md. Use the tool."), tools: [readFile], reasoning_effort: "high" },
    judge(answer) {
      const calls = judgeCalls(answer, 1, "read_file");
      if (calls.outcome !== "works") return calls;
      if (answer.reasoning !== "") return { outcome: "works", evidence: "reasoning in its own field, and the call" };
      const isLeaked = /<think|<\/think/.test(answer.text);
      return isLeaked
        ? { outcome: "fails", evidence: "the reasoning is in the text: no reasoning parser" }
        : { outcome: "not tried", evidence: "the call came without reasoning" };
    },
  },
  {
    name: "picture",
    request: says([
      { type: "text", text: "What is in the picture?" },
      { type: "image_url", image_url: { url: PIXEL } },
    ]),
    judge: (answer) => refusal(answer) ?? { outcome: "works", evidence: "the picture was taken" },
  },
  {
    name: "structured output",
    request: {
      ...says("Name a colour as JSON."),
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "answer",
          schema: { type: "object", properties: { colour: text }, required: ["colour"], additionalProperties: false },
        },
      },
      max_tokens: 400,
    },
    judge(answer) {
      const refused = refusal(answer);
      if (refused !== undefined) return refused;
      if (answer.finishReason === "length") return { outcome: "not tried", evidence: "the limit was reached first" };
      const value = parseJson(answer.text);
      return isObject(value) && typeof value["colour"] === "string"
        ? { outcome: "works", evidence: "the answer fits its schema" }
        : { outcome: "fails", evidence: `not the schema: ${shorten(answer.text)}` };
    },
  },
  {
    name: "cut answer",
    request: { ...says("Count from one to one hundred in words."), max_tokens: CUT_AT },
    judge(answer) {
      const refused = refusal(answer);
      if (refused !== undefined) return refused;
      if (answer.finishReason === "length") return { outcome: "works", evidence: "finish_reason length" };
      const isShort = answer.completionTokens !== undefined && answer.completionTokens < CUT_AT;
      return isShort
        ? { outcome: "not tried", evidence: `the model stopped by itself after ${answer.completionTokens} tokens` }
        : { outcome: "fails", evidence: `finish_reason ${answer.finishReason ?? "missing"}` };
    },
  },
  {
    name: "token counts in streams",
    request: { ...says("Say OK."), max_tokens: 20 },
    judge: (answer) =>
      refusal(answer) ??
      (answer.completionTokens !== undefined
        ? { outcome: "works", evidence: "usage in the last event" }
        : { outcome: "fails", evidence: "no usage although include_usage was asked for" }),
  },
];

function judgeCalls(answer: ChatAnswer, count: number, name?: string, isForced = false): MatrixVerdict {
  const refused = refusal(answer);
  if (refused !== undefined) return refused;
  const calls = answer.calls.filter((call) => call !== undefined);
  if (calls.length === 0) {
    const format = recognizeLeakedCall(answer.text);
    if (format !== undefined)
      return {
        outcome: "fails",
        evidence: `the call is in the text (${format.format}): wrong or no --tool-call-parser`,
      };
    return { outcome: isForced ? "fails" : "not tried", evidence: `no call; the text is: ${shorten(answer.text)}` };
  }
  for (const call of calls) {
    const value = call.argumentsText.trim() === "" ? {} : parseJson(call.argumentsText);
    if (!isObject(value) && (answer.finishReason === "length" || (answer.completionTokens ?? 0) >= NEARLY_ALL))
      return { outcome: "not tried", evidence: `the call of ${call.name} was not complete when the limit was reached` };
    if (!isObject(value))
      return {
        outcome: "fails",
        evidence: `arguments of ${call.name} are not a JSON object: ${shorten(call.argumentsText)}`,
      };
  }
  const names = calls.map((call) => call.name).join(", ");
  if (name !== undefined && !calls.some((call) => call.name === name))
    return { outcome: "fails", evidence: `called ${names} instead of ${name}` };
  if (calls.length < count) return { outcome: "not tried", evidence: `only ${names} was called` };
  return { outcome: "works", evidence: `${names} with whole arguments, finish_reason ${answer.finishReason}` };
}

function refusal({ error, status }: ChatAnswer): MatrixVerdict | undefined {
  return error === undefined ? undefined : { outcome: "refused", evidence: `${status}: ${shorten(error)}` };
}

function shorten(value: string): string {
  const line = value.replace(/\s+/g, " ").trim();
  return line === "" ? "(nothing)" : line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
