import { substituteVariables } from "../text/substitute-variables.ts";
import type { ConfigPath } from "./config-path.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A problem that was met while the values were substituted. */
export type SubstitutionProblem =
  | { kind: "missing-variable"; path: ConfigPath; variable: string; isEmpty: boolean }
  | { kind: "include"; path: ConfigPath }
  | { kind: "too-deep"; path: ConfigPath };

export interface Substituted {
  value: unknown;
  problems: SubstitutionProblem[];
}

const MAX_DEPTH = 100;

/**
 * Replaces `${NAME}` in every string value; keys are left alone. Collects what could not be replaced instead of stopping.
 */
export function substituteEnv(root: unknown, environment: Environment): Substituted {
  const problems: SubstitutionProblem[] = [];
  const lookup = withConfigEnv(root, environment);
  const walk = (value: unknown, path: ConfigPath): unknown => {
    if (typeof value === "string") return substituteText(value, path);
    if (typeof value !== "object" || value === null) return value;
    if (path.length >= MAX_DEPTH) {
      problems.push({ kind: "too-deep", path });
      return undefined;
    }
    if (Array.isArray(value)) return value.map((item, at) => walk(item, [...path, at]));
    if (Object.hasOwn(value, "$include")) problems.push({ kind: "include", path });
    // fromEntries defines own keys, so that a key named __proto__ stays a key.
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  const substituteText = (text: string, path: ConfigPath): string =>
    substituteVariables(text, lookup, (variable, isEmpty) => {
      problems.push({ kind: "missing-variable", path, variable, isEmpty });
    });
  return { value: walk(root, []), problems };
}

/** The agent copies `env.vars` and then the other texts of `env` into variables that are unset or blank (`env-vars.ts`). */
function withConfigEnv(root: unknown, environment: Environment): (name: string) => string | undefined {
  const section = objectAt(root, "env");
  const inVars = objectAt(section, "vars");
  return (name) => {
    const given = environment[name];
    if (given !== undefined && given.trim() !== "") return given;
    return textAt(inVars, name) ?? textAt(section, name) ?? given;
  };
}

function objectAt(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function textAt(value: unknown, key: string): string | undefined {
  const text = objectAt(value, key);
  return typeof text === "string" && text.trim() !== "" ? text : undefined;
}
