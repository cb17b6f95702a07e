import { ConfigError, parseHostConfig } from "@vllm/schema";
import { formatConfigPath } from "@vllm/schema/internal";
import type { ConfigCheck } from "../config-file/edit-config-file.ts";
import type { JsonObject } from "../config-file/json-value.ts";
import { asObject, getValue, isObject } from "../config-file/json-value.ts";
import type { Environment } from "../agents/agent-home.ts";
import type { AgentId, AgentLocation } from "../agents/agent-location.ts";
import { substituteText } from "./substitute.ts";

/** The check a configuration must pass before and after a change: CoderClaw's own schema, or the shape that OpenClaw cannot do without. */
export function configCheck(location: AgentLocation, env: Environment): ConfigCheck {
  return (text, value) => checkConfig(location.agent, { text, value, path: location.configPath }, env);
}

/** @throws {ConfigError} with every problem. */
export function checkConfig(
  agent: AgentId,
  { text, value, path }: { text: string; value: JsonObject; path: string },
  env: Environment,
): void {
  if (agent === "openclaw") return checkOpenClaw(value, path);
  // An include or a variable that is missing in this shell is no reason to refuse an edit: both are judged where the value is used.
  const judged = hasInclude(value) ? JSON.stringify(withoutIncludes(value)) : text;
  parseHostConfig(judged, { env: { ...env, ...placeholders(judged, env) }, path });
}

function placeholders(text: string, env: Environment): Record<string, string> {
  const values: Record<string, string> = {};
  substituteText(text, env, (name) => {
    values[name] = `\${${name}}`;
  });
  return values;
}

function hasInclude(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasInclude);
  return isObject(value) && ("$include" in value || Object.values(value).some(hasInclude));
}

/** What stands beside an `$include` is judged as far as it can be: not where the include may hold what seems to be missing. */
function withoutIncludes(value: JsonObject): JsonObject {
  const { models, agents, auth } = value;
  const known = { models, agents, auth };
  return Object.fromEntries(
    Object.entries(known).filter(([, section]) => section !== undefined && !hasInclude(section)),
  );
}

/** OpenClaw's schema grows with every release, so that only what this package reads and writes is judged. */
function checkOpenClaw(config: JsonObject, path: string): void {
  const expectations: [readonly string[], string, (value: unknown) => boolean][] = [
    [["models"], "an object", isObject],
    [["models", "providers"], "an object", isObject],
    [["agents"], "an object", isObject],
    [["agents", "defaults"], "an object", isObject],
    [["agents", "defaults", "model"], "a model ref, or an object with primary", isTextOrObject],
    [["agents", "defaults", "models"], "an object", isObject],
  ];
  for (const id of Object.keys(asObject(getValue(config, ["models", "providers"])))) {
    expectations.push([["models", "providers", id], "an object", isObject]);
    expectations.push([["models", "providers", id, "models"], "a list", Array.isArray]);
  }
  const issues = expectations.flatMap(([at, accepted, isFine]) => {
    const value = getValue(config, at);
    if (value === undefined || isFine(value)) return [];
    const received = value === null ? "null" : Array.isArray(value) ? "a list" : articled(typeof value);
    const path = formatConfigPath(at);
    return [{ path, received, accepted, fix: `Make ${path} ${accepted}.` }];
  });
  if (issues.length === 0) return;
  throw new ConfigError({
    message: `${path} is not what OpenClaw accepts: ${issues.map((issue) => `${issue.path} is ${issue.received}, not ${issue.accepted}`).join("; ")}.`,
    hint: "Correct it there (openclaw doctor shows more); nothing was written.",
    issues,
  });
}

function isTextOrObject(value: unknown): boolean {
  return typeof value === "string" || isObject(value);
}

function articled(kind: string): string {
  return kind === "object" ? "an object" : `a ${kind}`;
}
