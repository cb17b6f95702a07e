import { quoteServer } from "../quote-server.ts";
import type { Finding, Rule } from "./rule.ts";

/** Requests that vLLM refuses for a reason that is known, with what to change. */
export const request: Rule = ({ message }) => {
  for (const [pattern, make] of KNOWN) {
    if (pattern.test(message)) return { code: "INVALID_REQUEST", ...make(message) };
  }
  return undefined;
};

type Words = Pick<Finding, "message" | "hint">;

const refused = (message: string) => `The server refused the request: ${quoteServer(message)}`;

const KNOWN: readonly [RegExp, (message: string) => Words][] = [
  [
    /thinking_token_budget is set but/,
    () => ({
      message:
        "The server was started without a reasoning parser, so it cannot limit the model's thinking (thinking_token_budget).",
      hint: "Start it with --reasoning-parser <parser> (qwen3, deepseek_r1, glm45, ...), or leave thinking_token_budget out.",
    }),
  ],
  [
    /`?tools`? must not be an empty array/,
    () => ({ message: "The list of tools is empty.", hint: "Leave tools out of a request without tools." }),
  ],
  [
    /When using `?tool_choice`?, `?tools`? must be set/,
    () => ({
      message: "tool_choice was set, and there are no tools.",
      hint: "Send tools too, or leave tool_choice out.",
    }),
  ],
  [
    /tool specified in `?tool_choice`? does not match/,
    () => ({
      message: "tool_choice names a tool that is not among the tools of the request.",
      hint: "Name one of the tools, exactly as it is spelled.",
    }),
  ],
  [
    /^Invalid value for `?tool_choice`?|^(?:Invalid value|Expected field)[^!]*in `tool_choice`!/,
    () => ({
      message: "tool_choice has a value that the server does not know.",
      hint: `Use "auto", "none", "required" or { type: "function", function: { name } }.`,
    }),
  ],
  [
    /n must be 1 when using greedy sampling/,
    () => ({
      message: "Several answers (n above 1) were asked for with temperature 0, where all would be the same.",
      hint: "Set temperature above 0, or n to 1.",
    }),
  ],
  [
    /Stream options can only be defined when/,
    () => ({
      message: "stream_options was sent without stream: true.",
      hint: "Send stream: true, or leave stream_options out.",
    }),
  ],
  [
    /^You must use one kind of structured outputs constraint/,
    () => ({
      message: "structured_outputs was sent without a constraint.",
      hint: "Give it one of json, regex, choice or grammar, or leave it out.",
    }),
  ],
  [
    /^'NoneType' object is not iterable/,
    () => ({
      message: "A list of the request is null, most likely messages.",
      hint: "Send messages as a list with at least one user message.",
    }),
  ],
  [
    /grammar|JSON schema (?:contains features|is nested)/i,
    (message) => ({
      message: `The server cannot turn the schema or grammar of the request into constraints: ${quoteServer(message)}`,
      hint: "Simplify the JSON schema (response_format, structured_outputs or a strict tool): the types and keywords of JSON Schema, no recursion, no unusual formats.",
    }),
  ],
  [
    /^Expecting .*line \d+ column \d+ \(char \d+\)/,
    () => ({
      message: "The history holds a tool call whose arguments are not JSON, and this version of vLLM cannot take that.",
      hint: "Repair the arguments of earlier assistant tool calls before sending them back ({} at the least; @vllm/client does it).",
    }),
  ],
  [
    /Only 'application\/json' is allowed/,
    () => ({ message: "The request was not sent as JSON.", hint: "Send the header content-type: application/json." }),
  ],
  [
    /^TextEncodeInput must be/,
    () => ({
      message: "The server's tokenizer could not read a text of the request.",
      hint: "Look for half a character (a lone surrogate, as when an emoji is cut in two); text.toWellFormed() mends it.",
    }),
  ],
  [
    /^Disallowed CORS origin/,
    () => ({
      message: "The server refuses requests from web pages of this origin.",
      hint: `Start it with --allowed-origins '["https://your-page.example"]' (vLLM 0.32 allows none by default), or call it from a server.`,
    }),
  ],
  [
    /^Failed to deserialize the JSON body into the target type/,
    (message) => {
      const { place, reason } = readSerdeError(message);
      return {
        message: `The router refused the request: ${place === "" ? "" : `${place}: `}${reason}.`,
        hint: reason.includes("field parameters is missing")
          ? 'Send parameters in every tool, { type: "object", properties: {} } for one without any: vllm-router requires them.'
          : "Correct that field; vllm-router is stricter than vLLM itself.",
      };
    },
  ],
  [
    /(?<![\w-])--[a-z][a-z0-9]+(?:-[a-z0-9]+)+/,
    (message) => ({
      message: refused(message),
      hint: `Start the server with ${/(?<![\w-])--[a-z][a-z0-9]+(?:-[a-z0-9]+)+/.exec(message)?.[0]}, or leave out what needs it.`,
    }),
  ],
];

const EXPECTED = /^expected ([\w `,]+) at line \d+ column \d+$/;

/** The place and the expectation of serde's text; what stands between them is the request's own value. */
function readSerdeError(message: string): { place: string; reason: string } {
  const [, place = "", rest = ""] = /^.*?target type: (?:([\w.[\]]{1,100}): )?(.*)$/s.exec(message.trim()) ?? [];
  const missing = /^missing field `(\w+)`/.exec(rest)?.[1];
  if (missing !== undefined) return { place, reason: `the field ${missing} is missing` };
  const expected = EXPECTED.exec(rest.slice(rest.lastIndexOf("expected ")))?.[1];
  return { place, reason: expected === undefined ? "it has the wrong type" : `expected ${expected}` };
}
