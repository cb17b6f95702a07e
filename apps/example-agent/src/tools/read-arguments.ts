import type { Tool, ToolValues } from "./tool.ts";
import { ToolError } from "./tool.ts";

/**
 * The arguments a model wrote → values for the tool.
 * Small models send a number where text is asked for: that is accepted, anything else that does not fit is refused.
 *
 * @throws {ToolError} naming every problem and the arguments the tool takes.
 */
export function readArguments(tool: Tool, given: unknown): ToolValues {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ToolError(`The arguments must be a JSON object. ${describeParameters(tool)}`);
  }
  const written = new Map<string, unknown>(Object.entries(given));
  const problems: string[] = [];
  const values: Record<string, string> = {};
  for (const [name, parameter] of Object.entries(tool.parameters)) {
    const value = written.get(name);
    if (value === undefined || value === null) {
      if (parameter.isOptional !== true) problems.push(`"${name}" is missing.`);
    } else if (typeof value !== "string" && typeof value !== "number") {
      problems.push(`"${name}" must be ${parameter.type === "string" ? "a string" : "an integer"}.`);
    } else if (parameter.type === "integer" && !/^\d{1,15}$/.test(String(value).trim())) {
      problems.push(`"${name}" must be a positive integer.`);
    } else {
      values[name] = String(value);
    }
  }
  for (const name of written.keys()) {
    if (!Object.hasOwn(tool.parameters, name)) problems.push(`Unknown argument ${JSON.stringify(name.slice(0, 40))}.`);
  }
  if (problems.length > 0) throw new ToolError(`${problems.join(" ")} ${describeParameters(tool)}`);
  return values;
}

function describeParameters(tool: Tool): string {
  const names = Object.entries(tool.parameters).map(
    ([name, { isOptional }]) => `${name}${isOptional === true ? "?" : ""}`,
  );
  return `${tool.name} takes {${names.join(", ")}}.`;
}
