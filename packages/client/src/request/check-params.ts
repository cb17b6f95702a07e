import { VllmError } from "@vllm/schema/core";
import { isRecord } from "@vllm/schema/internal";
import { isSchema } from "../schemas/is-schema.ts";
import type { ChatParams } from "./chat-params.ts";
import type { HistoryOptions } from "./history-options.ts";

/** The words of each option of `history`. */
const HISTORY_WORDS: Readonly<Record<keyof HistoryOptions, readonly unknown[]>> = {
  developerRole: ["keep", "system"],
  systemMessages: ["keep", "merge", "user"],
  consecutiveUser: ["keep", "merge"],
  toolCallIds: ["keep", "mistral", "kimi-k2"],
  reasoning: ["reasoning", "reasoning_content", "both", "drop"],
  keepReasoning: [true, false],
};

/**
 * Refuses what the types forbid and what the server would not tell: it drops some of it without a word, and answers to the rest by
 * the rules of another field.
 *
 * @throws {VllmError} `INVALID_REQUEST` with the first thing that is wrong
 */
export function checkParams(params: unknown): asserts params is ChatParams {
  if (!isRecord(params) || !Array.isArray(params["messages"])) {
    throw refuse("The request has no list of messages.", 'Pass messages: [{ role: "user", content: "…" }].');
  }
  const { model, messages, tools, outputSchema, thinking, history, affinity, extra_body } = params;
  for (const [index, message] of messages.entries()) checkMessage(message, index);
  if (!isAbsent(model) && typeof model !== "string")
    throw refuse("model is not a string.", "Pass the id of a served model.");
  if (!isAbsent(tools)) checkTools(tools);
  for (const name of ["response_format", "responseFormat"]) {
    if (isSchema(params[name]))
      throw refuse(`${name} is a schema.`, "Pass a schema as outputSchema: it is sent as response_format.");
  }
  if (outputSchema === null) throw refuse("outputSchema is null.", "Pass a schema, or leave it out.");
  if (thinking !== undefined) checkThinking(thinking);
  if (history !== undefined) checkHistory(history);
  if (affinity !== undefined) checkAffinity(affinity);
  if (!isAbsent(extra_body) && !isRecord(extra_body)) {
    throw refuse("extra_body is not an object.", "Pass the fields to send: extra_body: { name: value }.");
  }
}

function checkMessage(message: unknown, index: number): void {
  if (isRecord(message) && typeof message["role"] === "string") return;
  const what = isRecord(message) ? "has no role" : "is not an object";
  throw refuse(`messages[${index}] ${what}.`, 'Each message is an object like { role: "user", content: "…" }.');
}

function checkTools(tools: unknown): void {
  if (!Array.isArray(tools)) throw refuse("tools is not a list.", "Pass a list: tools: [tool].");
  for (const [index, tool] of tools.entries()) {
    const definition = isRecord(tool) ? tool["function"] : undefined;
    if (!isRecord(definition) || typeof definition["name"] !== "string") {
      throw refuse(
        `tools[${index}] is not a function tool.`,
        'Write { type: "function", function: { name, description, parameters } }, or make it with defineTool.',
      );
    }
    if (isSchema(definition["parameters"])) {
      throw refuse(
        `The parameters of tools[${index}] are a schema, not JSON Schema.`,
        "Make the tool with defineTool({ name, parameters }), which turns a schema into JSON Schema; or pass z.toJSONSchema(schema).",
      );
    }
  }
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function checkAffinity(affinity: unknown): void {
  if (typeof affinity === "string") return;
  if (!isRecord(affinity) || typeof affinity["id"] !== "string") {
    throw refuse("affinity is not a string.", "Pass the conversation's name, or { id, headerNames, echo }.");
  }
  for (const [name, value] of Object.entries(affinity)) {
    if (name === "id" || value === undefined) continue;
    if (name !== "headerNames" && name !== "echo") {
      throw refuse(`affinity has no option ${name}.`, "It has id, headerNames, echo.");
    }
    if (!Array.isArray(value) || !value.every((each) => typeof each === "string" && HEADER_NAME.test(each))) {
      throw refuse(`affinity.${name} is not a list of header names.`, `Pass a list: ${name}: ["x-session-token"].`);
    }
  }
}

function checkThinking(thinking: unknown): void {
  if (thinking === "on" || thinking === "off") return;
  const { effort, budgetTokens } = isRecord(thinking) ? thinking : {};
  if (typeof effort === "string" || (Number.isInteger(budgetTokens) && Number(budgetTokens) >= 0)) return;
  const hint =
    typeof thinking === "string"
      ? `Pass thinking: { effort: "${thinking.slice(0, 20)}" } for an effort; "on" and "off" are the only words.`
      : 'Pass "on", "off", { effort: "high" } or { budgetTokens: 1000 } (a whole number of tokens).';
  throw refuse("thinking has an invalid value.", hint);
}

function checkHistory(history: unknown): void {
  if (!isRecord(history)) throw refuse("history is not an object.", `It has ${Object.keys(HISTORY_WORDS).join(", ")}.`);
  for (const [name, value] of Object.entries(history)) {
    const words = Object.hasOwn(HISTORY_WORDS, name) ? HISTORY_WORDS[name as keyof HistoryOptions] : undefined;
    if (words === undefined) {
      throw refuse(`history has no option ${name}.`, `It has ${Object.keys(HISTORY_WORDS).join(", ")}.`);
    }
    if (value !== undefined && !words.includes(value)) {
      throw refuse(
        `history.${name} has an invalid value.`,
        `Use ${words.map((word) => JSON.stringify(word)).join(", ")}.`,
      );
    }
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function refuse(message: string, hint: string): VllmError {
  return new VllmError({ code: "INVALID_REQUEST", message, hint });
}
