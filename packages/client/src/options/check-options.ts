import { ConfigError, DEFAULT_LIMITS, nearest, type ConfigIssue, type LimitOptions } from "@vllm/schema/core";
import { isLimit, isRecord } from "@vllm/schema/internal";
import type {
  ChatOptions,
  ModelsOptions,
  PostOptions,
  TimeoutOptions,
  TokenizeOptions,
  VllmClientOptions,
} from "./client-options.ts";
import { isHeaderRecord } from "../connection/header-source.ts";
import type { RecoverOptions } from "../request/index.ts";
import type { TlsOptions } from "@vllm/transport/internal";

/** What an option accepts. */
interface Rule {
  /** In words, for the error. */
  accepts: string;
  accept(value: unknown): boolean;
  /** What to write instead, where the usual mistake is known. */
  fix?: string | undefined;
  /** Of a group of options. */
  fields?: Rules | undefined;
}

type Rules = Readonly<Record<string, Rule>>;

/** The longest time that a timer can wait (2^31 - 1 ms); Node lets a longer one end at once. */
const MOST_MS = 2_147_483_647;

const STRING: Rule = { accepts: "a string", accept: (value) => typeof value === "string" };
const FLAG: Rule = { accepts: "true or false", accept: (value) => typeof value === "boolean" };
const LIMIT: Rule = {
  accepts: "a number of ms above 0, or false for no limit",
  accept: (value) => value === false || isMilliseconds(value),
};
const COUNT: Rule = {
  accepts: "a whole number from 0 on",
  accept: (value) => Number.isInteger(value) && Number(value) >= 0,
};
const PEM: Rule = { accepts: "PEM text, not a path", accept: isPem, fix: "Read the file: readFileSync(path)." };
const HEADERS: Rule = {
  accepts: "an object of strings, or a function that returns one",
  accept: (value) => typeof value === "function" || isHeaderRecord(value),
  fix: "Leave out what has no value; write a Headers object as Object.fromEntries(headers).",
};
const BROKEN_CALLS: Rule = {
  accepts: '"report" or "retry"',
  accept: (value) => value === "report" || value === "retry",
};
const LARGE_INTEGERS: Rule = {
  accepts: '"number" or "bigint"',
  accept: (value) => value === "number" || value === "bigint",
};
const RESUME: Rule = {
  accepts: "true, false or { waitMs }",
  accept: (value) => typeof value === "boolean" || isGroup(value),
  fields: { waitMs: { accepts: "a number of ms above 0", accept: isMilliseconds } },
};
const PROFILE: Rule = {
  accepts: "a ModelProfile, or a function that finds one",
  accept: (value) => isRecord(value) || typeof value === "function",
};
const TIMEOUTS = group({ connectMs: LIMIT, firstTokenMs: LIMIT, idleMs: LIMIT } satisfies RulesOf<TimeoutOptions>);
const SIZE: Rule = { accepts: "a whole number from 1", accept: isLimit };
const LIMITS = Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((name) => [name, SIZE])) as RulesOf<LimitOptions>;

const CLIENT_OPTIONS = whole({
  baseUrl: { ...STRING, fix: "Write the address as a string (of a URL object: url.href)." },
  apiKey: STRING,
  model: STRING,
  headers: HEADERS,
  retry: group({
    maxRetries: COUNT,
    maxElsewhere: COUNT,
  }),
  timeouts: TIMEOUTS,
  limits: group(LIMITS),
  recover: group({ thinkTags: FLAG, toolCallText: FLAG } satisfies RulesOf<RecoverOptions>),
  profile: PROFILE,
  brokenCalls: BROKEN_CALLS,
  resume: RESUME,
  largeIntegers: LARGE_INTEGERS,
  fitMaxTokens: FLAG,
  tls: group({
    ca: { ...PEM, accept: (value) => [value].flat().every(isPem) },
    cert: PEM,
    key: PEM,
    servername: STRING,
  } satisfies RulesOf<TlsOptions>),
  proxy: {
    accepts: "the address of a proxy, or false for none",
    accept: (value) => value === false || typeof value === "string",
    fix: "Write it as http://host:port, or leave it out to take what the environment says.",
  },
  logger: {
    accepts: "an object with the methods debug and warn, such as console",
    accept: (value) => isRecord(value) && ["debug", "warn"].some((level) => typeof value[level] === "function"),
  },
  fetch: { accepts: "a function like fetch", accept: (value) => typeof value === "function" },
} satisfies RulesOf<VllmClientOptions>);

const SIGNAL: Rule = {
  accepts: "an AbortSignal",
  accept: (value) => isRecord(value) && "aborted" in value && "addEventListener" in value,
  fix: "Pass the signal of the controller: controller.signal.",
};

const CALLBACK: Rule = { accepts: "a function", accept: (value) => typeof value === "function" };

const CHAT_OPTIONS = whole({
  signal: SIGNAL,
  requestId: STRING,
  headers: HEADERS,
  profile: PROFILE,
  resume: RESUME,
  brokenCalls: BROKEN_CALLS,
  largeIntegers: LARGE_INTEGERS,
  reportWaiting: FLAG,
  onLearned: CALLBACK,
  onResponse: CALLBACK,
  onRawChunk: CALLBACK,
  timeouts: TIMEOUTS,
} satisfies RulesOf<ChatOptions>);

const POST_OPTIONS = whole({ signal: SIGNAL, headers: HEADERS, onResponse: CALLBACK } satisfies RulesOf<PostOptions>);

const MODELS_OPTIONS = whole({ signal: SIGNAL } satisfies RulesOf<ModelsOptions>);
const TOKENIZE_OPTIONS = whole({ signal: SIGNAL, profile: PROFILE } satisfies RulesOf<TokenizeOptions>);

type RulesOf<Options> = Readonly<Record<keyof Options, Rule>>;

/** @throws {ConfigError} with every option that cannot be used */
export function checkClientOptions(options: unknown): void {
  check("The options of the client", options, CLIENT_OPTIONS);
}

/** @throws {ConfigError} with every option that cannot be used */
export function checkModelsOptions(options: unknown): void {
  check("The options of the request", options, MODELS_OPTIONS);
}

/** @throws {ConfigError} with every option that cannot be used */
export function checkTokenizeOptions(options: unknown): void {
  check("The options of the request", options, TOKENIZE_OPTIONS);
}

/** @throws {ConfigError} with every option that cannot be used */
export function checkPostOptions(options: unknown): void {
  check("The options of the request", options, POST_OPTIONS);
}

/** @throws {ConfigError} with every option that cannot be used */
export function checkChatOptions(options: unknown): void {
  check("The options of the request", options, CHAT_OPTIONS);
}

function check(what: string, options: unknown, rule: Rule): void {
  const issues = findIssues(options, rule, "");
  if (issues.length === 0) return;
  const lines = issues.map(({ path, received, accepted, fix }) => {
    return `  ${path === "" ? "" : `${path}: `}${received} | ${accepted} | ${fix}`;
  });
  throw new ConfigError({
    message: [`${what} cannot be used (received | accepted | what to change):`, ...lines].join("\n"),
    hint: issues.map(({ fix }) => fix).join(" "),
    issues,
  });
}

function findIssues(value: unknown, rule: Rule, path: string): ConfigIssue[] {
  if (!rule.accept(value)) {
    const { accepts, fix = `Change ${path}, or leave it out.` } = rule;
    return [{ path, received: describe(value), accepted: accepts, fix }];
  }
  const { fields } = rule;
  if (fields === undefined || typeof value !== "object") return [];
  return Object.entries(value as object).flatMap(([name, inner]) => {
    const innerPath = path === "" ? name : `${path}.${name}`;
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (known === undefined) return [unknownOption(innerPath, name, inner, Object.keys(fields))];
    return inner === undefined ? [] : findIssues(inner, known, innerPath);
  });
}

function unknownOption(path: string, name: string, value: unknown, known: readonly string[]): ConfigIssue {
  const meant = nearest(name, known);
  const fix = meant === undefined ? `Remove ${path}.` : `Did you mean ${meant}?`;
  return { path, received: describe(value), accepted: `no such option; known are ${known.join(", ")}`, fix };
}

/** The rule of all options together. */
function whole(fields: Rules): Rule {
  return { ...group(fields), fix: `Pass an object: { ${Object.keys(fields)[0]}: … }.` };
}

function group(fields: Rules): Rule {
  return { accepts: `an object with ${Object.keys(fields).join(", ")}`, accept: isGroup, fields };
}

/** The kind of a value, and the value where it cannot be a secret. */
function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === "boolean") return String(value);
  if (typeof value === "number") return `the number ${value}`;
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function isMilliseconds(value: unknown): boolean {
  return typeof value === "number" && value > 0 && value <= MOST_MS;
}

function isPem(value: unknown): boolean {
  return typeof value === "string" ? value.includes("-----BEGIN ") : value instanceof Uint8Array;
}

/** An object with fields of its own; none at all only if it is a plain one (a signal or a list of headers is not). */
function isGroup(value: unknown): boolean {
  return isPlain(value) || (isRecord(value) && Object.keys(value).length > 0);
}

/** Made by `{}`, in whatever realm. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
