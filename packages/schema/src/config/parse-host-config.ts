import JSON5 from "json5";
import { ConfigError } from "../errors/config-error.ts";
import type { ConfigIssue } from "../errors/vllm-error.ts";
import type { ConfigPath } from "./config-path.ts";
import { startsWith } from "./config-path.ts";
import type { HostConfig } from "./host-config.ts";
import { CHECKED_PATHS, hostConfigSchema } from "./host-config.ts";
import { locateIssues } from "./locate-issues.ts";
import { misplacedKeys } from "./misplaced-keys.ts";
import { renderIssues } from "./render-issues.ts";
import type { Environment, SubstitutionProblem } from "./substitute-env.ts";
import { substituteEnv } from "./substitute-env.ts";
import { toSubstitutionIssue } from "./substitution-issues.ts";
import { toSyntaxIssue } from "./syntax-issue.ts";
import { toConfigIssues } from "./zod-issues.ts";

/** Everything is optional. */
export interface ParseHostConfigOptions {
  /** Values for `${NAME}`, usually `process.env`. Left out: every `${NAME}` is a problem. */
  env?: Environment | undefined;
  /** The file's name, for messages only; nothing is read. */
  path?: string | undefined;
}

/** The configuration, or the error with every problem in it. */
export type SafeParseHostConfigResult =
  | { success: true; data: HostConfig; error?: undefined }
  | { success: false; error: ConfigError; data?: undefined };

/**
 * Reads the text of a `coderclaw.json`: JSON5, then `${VAR}` by the agent's rules, then the agent's schema for the parts about models.
 *
 * The agent's defaults are not applied (`applyModelDefaults` does that). `$include` is not followed, since this package reads no files:
 * where an include could hold something about models it is a problem, and nothing below it is judged; elsewhere it is kept as it is.
 *
 * @throws {ConfigError} `CONFIG_INVALID` with **every** problem: what was received, what is accepted, what to change, line and column.
 */
export function parseHostConfig(text: string, options: ParseHostConfigOptions = {}): HostConfig {
  const result = safeParseHostConfig(text, options);
  if (!result.success) throw result.error;
  return result.data;
}

/** Like {@link parseHostConfig}, but returns the error instead of throwing it. */
export function safeParseHostConfig(text: string, options: ParseHostConfigOptions = {}): SafeParseHostConfigResult {
  const source = text.replace(/^\uFEFF/, "");
  let written: unknown;
  try {
    written = JSON5.parse(source);
  } catch (error) {
    return failure([toSyntaxIssue(error, source)], options.path);
  }
  const { value, problems } = substituteEnv(written, options.env ?? {});
  const relevant = problems.filter(concernsModels);
  const parsed = hostConfigSchema.safeParse(value);
  const misplaced = misplacedKeys(written);
  if (parsed.success && relevant.length + misplaced.length === 0) return { success: true, data: parsed.data };
  const zodIssues = parsed.error?.issues ?? [];
  const issues = locateIssues(source, [
    ...misplaced,
    ...relevant.map((problem) => toSubstitutionIssue(problem, written)),
    ...zodIssues
      .filter((issue) => !relevant.some((problem) => explains(problem, issue.path as ConfigPath)))
      .flatMap((issue) => toConfigIssues(issue, written, hostConfigSchema)),
  ]);
  return failure(issues, options.path);
}

function failure(issues: readonly ConfigIssue[], path: string | undefined): SafeParseHostConfigResult {
  const error = new ConfigError({
    message: renderIssues(issues, path),
    hint: "Correct the file. The agent refuses all of it for any one of these problems.",
    issues,
  });
  return { success: false, error };
}

function concernsModels(problem: SubstitutionProblem): boolean {
  if (problem.kind !== "include") return true;
  return CHECKED_PATHS.some((checked) => startsWith(problem.path, checked) || startsWith(checked, problem.path));
}

/** A value that is not known cannot be judged: what zod says about it would only repeat the first problem. */
function explains(problem: SubstitutionProblem, path: ConfigPath): boolean {
  if (!startsWith(path, problem.path)) return false;
  return problem.kind === "include" || path.length === problem.path.length;
}
