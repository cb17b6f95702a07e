/**
 * The closed list of unambiguous repairs: broken output that can mean only one thing is read as that, and marked `repaired`. What is
 * not on it stays broken: a missing quote or opening bracket could stand in more than one place.
 */
export const REPAIRS = {
  "control-characters": {
    message: "The arguments of a tool call had raw control characters inside their strings; they were escaped.",
    hint: "The model wrote invalid JSON, and the server's tool parser passed it on. Strict tools prevent it where the server supports them (strictTools: true).",
  },
  "surplus-brackets": {
    message: "The arguments of a tool call had closing brackets behind their end; they were dropped.",
    hint: "The model wrote invalid JSON, and the server's tool parser passed it on. Strict tools prevent it where the server supports them (strictTools: true).",
  },
  "no-arguments": {
    message: "A tool call came without arguments, or with null; they were read as {}.",
    hint: "Nothing has to be changed if the tool can run without arguments. If it cannot, check the server's --tool-call-parser: npx @vllm/connect doctor.",
  },
  "tool-name": {
    message:
      "The name of a tool call had markup of the model's own format around it; it was reduced to the tool of the request.",
    hint: "The server's tool parser left it there: update vLLM, and check its --tool-call-parser: npx @vllm/connect doctor.",
  },
  "empty-call": {
    message: "The server sent an entry of tool_calls without id, name and arguments; it was skipped.",
    hint: "Nothing is missing. It is a fault of the server or of a gateway in front of it: update them if it happens often.",
  },
  "no-index": {
    message: "The server streamed tool calls without an index; their pieces were put together by id, then by position.",
    hint: "vLLM numbers its calls, so a gateway in front of it, or another kind of server, dropped the index: ask vLLM directly to compare (baseUrl).",
  },
  "content-parts": {
    message:
      "The server sent the answer's content as a list of parts; text and reasoning were read, parts of other kinds skipped.",
    hint: "vLLM sends content as text, so a gateway in front of it, or another kind of server, sent it: ask vLLM directly to compare (baseUrl).",
  },
  "no-finish-reason": {
    message:
      "The server ended the answer without a finish reason; it was accepted, because every tool call in it is complete.",
    hint: "vLLM always sends a finish reason, so a gateway in front of it, or another kind of server, dropped it: ask vLLM directly to compare (baseUrl).",
  },
} as const satisfies Record<string, { message: string; hint: string }>;

/** What was repaired in an answer: the `reason` of an `ANSWER_REPAIRED` warning. */
export type Repair = keyof typeof REPAIRS;
