/** An error in the request's schema: where, and why. */
export interface SchemaError {
  /** `messages`, or undefined for the body itself. */
  param: string | undefined;
  /** `messages: Field required`. Holds nothing of the request but names of fields. */
  text: string;
}

/** Python's text for a dict or a pydantic error; in vLLM's answers it carries parts of the request, up to 0.28 all of it. */
export function hasSchemaEcho(message: string): boolean {
  return /\{'type': '|'input': |input_value=|\d validation errors?\b/.test(message);
}

const PYTHON_STRING = `'(?:[^'\\\\]|\\\\.)*'|"(?:[^"\\\\]|\\\\.)*"`;
const FIRST_ERROR = new RegExp(
  `^(?:\\[|\\d+ validation errors?:\\s*)\\{'type': '(\\w+)', 'loc': (\\((?:${PYTHON_STRING}|[^'")])*\\)|${PYTHON_STRING}), 'msg': (${PYTHON_STRING})`,
);

/** pydantic's own text: a title, a line with the place (not for the whole value), an indented line with the reason. */
const PLAIN_ERROR = /^\d+ validation errors? for (\S+)\n(?:(\S+)\n)? +([^\n[ ][^\n[]*?) \[type=/;

/** The first place and reason stand at the beginning. */
const MOST_READ = 4000;

/**
 * The first place and reason of a schema error. What stands behind the reason repeats the request, so nothing after it is read.
 * Undefined when the message is no schema error.
 */
export function readSchemaError(message: string): SchemaError | undefined {
  if (/Unsupported Media Type/.test(message.slice(0, 200))) {
    return { param: undefined, text: "Unsupported Media Type: Only 'application/json' is allowed" };
  }
  if (!hasSchemaEcho(message)) return undefined;
  const start = message.slice(0, MOST_READ);
  const structured = FIRST_ERROR.exec(start);
  if (structured !== null) {
    const [, type = "", loc = "", reason = ""] = structured;
    if (type === "json_invalid") return { param: undefined, text: "the body is not JSON" };
    // The first branch of a union tells only what that branch wants.
    if (type === "literal_error" && /\b[A-Z]\w+Param/.test(loc))
      return toSchemaError(placeOf(loc), "no value that is accepted");
    return toSchemaError(placeOf(loc), textOf(reason));
  }
  const plain = PLAIN_ERROR.exec(start);
  if (plain !== null) {
    const [, title = "", place, reason = ""] = plain;
    return toSchemaError(place === undefined ? title : placeOf(place), reason);
  }
  return { param: undefined, text: "the request does not fit its schema" };
}

function toSchemaError(place: string, reason: string): SchemaError {
  const text = reason.replace(/^Value error, /, "");
  // vLLM's own checks speak for themselves; pydantic's reasons need the place.
  if (text !== reason) return { param: place === "" ? undefined : place, text };
  return place === "" ? { param: undefined, text: `body: ${text}` } : { param: place, text: `${place}: ${text}` };
}

/** `('body', 'messages', 0, 'ChatCompletionUserMessageParam', 'content', 'str')` or `'body.messages.0.content'` → `messages.0.content`. */
function placeOf(loc: string): string {
  const parts = loc.startsWith("(")
    ? [...loc.matchAll(new RegExp(`${PYTHON_STRING}|\\d+`, "g"))].map(([part]) => textOf(part))
    : textOf(loc).split(".");
  const kept = parts.filter((part, at) => !(at === 0 && part === "body") && !isInternal(part));
  return /^\d+$/.test(kept[0] ?? "")
    ? [listOf(parts), ...kept].filter((part) => part !== "").join(".")
    : kept.join(".");
}

/** The list of a message in which an item stands: pydantic checks those lists by themselves, and its places begin with the item. */
function listOf(parts: readonly string[]): string {
  if (parts.some((part) => part.endsWith("ToolCallParam"))) return "tool_calls";
  return parts.some((part) => part.includes("ContentPart")) ? "content" : "";
}

/** Names of pydantic's union branches, which no one wrote into the request. */
function isInternal(part: string): boolean {
  return /[[\](){}]/.test(part) || /^(str|int|float|bool|list|dict|none)$/.test(part) || /^[A-Z]\w+Param$/.test(part);
}

function textOf(python: string): string {
  return /^["']/.test(python) ? python.slice(1, -1).replace(/\\(.)/g, "$1") : python;
}
