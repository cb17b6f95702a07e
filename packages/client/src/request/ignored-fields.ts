import type { ChatWarning } from "../stream/warning.ts";

const SWITCH = "Move it into chat_template_kwargs, or use thinking.";
const STRUCTURED = "Use outputSchema, response_format or structured_outputs.";
/** Fields that vLLM took until 0.11. */
const OLD = new Set(["guided_json", "guided_regex", "guided_choice", "guided_grammar"]);
const TOOLS = "Use tools and tool_choice.";

/** Fields that people send and vLLM drops without a word, and what does what they mean. Source: vLLM 0.32.0, unknown fields answer 200. */
const IGNORED: ReadonlyMap<string, string> = new Map([
  ["enable_thinking", SWITCH],
  ["preserve_thinking", SWITCH],
  ["clear_thinking", SWITCH],
  ["guided_json", STRUCTURED],
  ["guided_regex", STRUCTURED],
  ["guided_choice", STRUCTURED],
  ["guided_grammar", STRUCTURED],
  ["functions", TOOLS],
  ["function_call", TOOLS],
]);

/**
 * Warns of parameters that would have no effect, because the server answers as if they were not there.
 *
 * @param ownNames names of parameters that were given as such, not in `extra_body`
 */
export function findIgnoredFields(
  body: Readonly<Record<string, unknown>>,
  ownNames: readonly string[],
  serverVersion: string | undefined,
): ChatWarning[] {
  const warnings: ChatWarning[] = [];
  for (const name of ownNames.filter((each) => /[a-z][A-Z]/.test(each))) {
    const wireName = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    warnings.push({
      code: "parameter-has-no-effect",
      message: `vLLM has no field ${name} and ignores it: its fields are written in snake_case.`,
      hint: `Did you mean ${wireName}? A field of a gateway's own goes into extra_body.`,
    });
  }
  const isOld = /^0\.(?:\d|1[01])\./.test(serverVersion ?? "");
  for (const [field, hint] of IGNORED) {
    if (body[field] === undefined || body[field] === null || (isOld && OLD.has(field))) continue;
    const version = OLD.has(field) ? " 0.12 and later" : "";
    warnings.push({ code: "parameter-has-no-effect", message: `vLLM${version} ignores the field ${field}.`, hint });
  }
  const kwargs = body["chat_template_kwargs"];
  if (typeof kwargs === "object" && kwargs !== null && "thinking_token_budget" in kwargs) {
    warnings.push({
      code: "parameter-has-no-effect",
      message: "vLLM ignores thinking_token_budget inside chat_template_kwargs.",
      hint: "Send it at the top level, or use thinking: { budgetTokens }.",
    });
  }
  return warnings;
}
