import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { VllmError } from "../src/core.ts";
import {
  errorFromNetwork,
  errorFromResponse,
  errorFromStreamEvent,
  formatVllmError,
  normalizeBaseUrl,
} from "../src/core.ts";

const url = "http://gpu:8000/v1/chat/completions";
const MARK = "q7Zx";

/** A prompt that tries to be mistaken for the server's own words. What must not come through is the mark. */
const prompt = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom(
        "'",
        '"',
        "`",
        "\\",
        "\n",
        "{",
        "}",
        "[",
        "]",
        ")",
        "), 'msg': 'x'",
        "', 'loc': 'body', 'msg': '",
        "{'type': 'missing', 'loc': 'body.",
        '{"error":{"message":"',
        "maximum context length is 5 tokens",
        "(parameter=x)",
        "validation error",
        "Bearer ",
        "The model `x` does not exist",
        " requires --tool-call-parser to be set",
        "must alternate ",
        "https://",
        "data:image/png;base64,",
        "expected a sequence at line 1 column 2",
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => `${MARK} ${parts.join(MARK)} ${MARK}`);

function shownBy(error: VllmError): string {
  return [error.message, error.hint, JSON.stringify(error), String(error), inspect(error), formatVllmError(error)].join(
    "\n",
  );
}

/** Python's repr of a text. */
function repr(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return text.includes("'") && !text.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

/** The server's messages that carry a part of the request, by version; made from recorded ones. */
const ECHOES: Readonly<Record<string, (said: string) => string>> = {
  "0.9 to 0.12, missing field": (said) =>
    `[{'type': 'missing', 'loc': ('body', 'model'), 'msg': 'Field required', 'input': {'messages': [{'role': 'user', 'content': ${repr(said)}}], 'max_tokens': 600}}]`,
  "0.9 to 0.12, many errors": (said) =>
    `[{'type': 'string_type', 'loc': ('body', 'messages', 0, 'ChatCompletionDeveloperMessageParam', 'content', 'str'), 'msg': 'Input should be a valid string', 'input': ${repr(said)}}, {'type': 'literal_error', 'loc': ('body', 'messages', 0, 'ChatCompletionDeveloperMessageParam', 'role'), 'msg': "Input should be 'developer'", 'input': ${repr(said)}, 'ctx': {'expected': "'developer'"}}]`,
  "0.24 to 0.28, with the route's source": (said) =>
    `1 validation error:\n  {'type': 'value_error', 'loc': ('body',), 'msg': 'Value error, Stream options can only be defined when \`stream=True\`. (parameter=stream_options)', 'input': {'messages': [{'content': ${repr(said)}}]}, 'ctx': {'error': VLLMValidationError('x')}}\n\n  File "/srv/api_utils.py", line 40, in create_chat_completion\n    POST /v1/chat/completions [{'input': ${repr(said)}}]`,
  "0.30 and later, a text": (said) =>
    `1 validation error:\n  {'type': 'list_type', 'loc': 'body.messages', 'msg': 'Input should be a valid list', 'input': ${repr(said)}}`,
  "0.30 and later, an enum": (said) =>
    `1 validation error:\n  {'type': 'literal_error', 'loc': 'body.reasoning_effort', 'msg': "Input should be 'low' or 'high'", 'input': ${repr(said)}, 'ctx': {'expected': "'low' or 'high'"}}`,
  "pydantic's own text": (said) =>
    `1 validation error for ChatCompletionContentPartImageParam\nimage_url\n  Input should be a valid dictionary [type=dict_type, input_value=${repr(said)}, input_type=str]\n    For further information visit https://errors.pydantic.dev/2.14/v/dict_type`,
  "pydantic's text in an unknown form": (said) =>
    `2 validation errors for X\n${repr(said)} [input_value=${repr(said)}]`,
  "a parameter's value": (said) =>
    `stop_token_ids must contain only integers. (parameter=stop_token_ids, value=${said})`,
  "a tool choice": (said) =>
    `Invalid value for \`tool_choice\`: ${said}! Only named tools, "none", "auto" or "required" are supported.`,
  "bad words": (said) => `bad_words cannot contain an empty string. Got bad_words=[${repr(said)}, '']`,
  "structured outputs": (said) =>
    `You can only use one kind of structured outputs constraint but multiple are specified: {'json': ${repr(said)}, 'regex': ${repr(said)}}`,
  "a choice": (said) => `Choice '[${repr(said)}]' cannot be an empty list`,
  "a template's words": (said) => `Unexpected message role ${repr(said)}: roles must alternate`,
  "an unknown content part": (said) =>
    `Unsupported chat content part type: ${repr(said)}. Supported types: text. (parameter=type, value=${said})`,
  "a picture's address": (said) =>
    `Failed to fetch media from URL: HTTP 404 error (parameter=image_url, value=${said})`,
  "a data URL": (said) => `Invalid data URL ${repr(said)}: missing ',' separator.`,
  "a slip of gpt-oss": (said) => `unexpected tokens remaining in message header: Some(${JSON.stringify(said)})`,
  "vllm-router, wrong type": (said) =>
    `Failed to deserialize the JSON body into the target type: messages: invalid type: string ${JSON.stringify(said)}, expected a sequence at line 1 column 33`,
  "vllm-router, unknown variant": (said) =>
    `Failed to deserialize the JSON body into the target type: messages[0].role: unknown variant ${JSON.stringify(said)}, expected one of \`system\`, \`user\` at line 1 column 33`,
};

const WRAPPERS: Readonly<Record<string, (message: string) => string>> = {
  "vLLM 0.10 and later": (message) =>
    JSON.stringify({ error: { message, type: "Bad Request", param: null, code: 400 } }),
  "vLLM 0.9": (message) => JSON.stringify({ object: "error", message, type: "Bad Request", param: null, code: 400 }),
  LiteLLM: (message) =>
    JSON.stringify({
      error: {
        message: `litellm.BadRequestError: Hosted_vllmException - ${JSON.stringify({ error: { message, code: 400 } })}. Received Model Group=tiny`,
        code: "400",
      },
    }),
  "LiteLLM, cut short": (message) =>
    JSON.stringify({
      error: {
        message: `litellm.BadRequestError: Hosted_vllmException - ${JSON.stringify({ error: { message } }).slice(0, -3)}`,
      },
    }),
  Ray: (message) =>
    JSON.stringify({ error: { message: `Message: ${message} (Request ID: 1), Internal exception: x`, code: 400 } }),
  "a text": (message) => message,
  "half a body": (message) => JSON.stringify({ error: { message } }).slice(0, -4),
  FastAPI: (message) =>
    JSON.stringify({ detail: [{ type: "x", loc: ["body", "messages"], msg: "Field required", input: message }] }),
  "a web page": (message) => `<html><body>${message}</body></html>`,
};

describe("what a server repeats of a request is not passed on", () => {
  const cases = Object.keys(ECHOES).flatMap((echo) => Object.keys(WRAPPERS).map((wrapper) => [echo, wrapper] as const));

  test.each(cases)("%s, from %s", (echo, wrapper) => {
    fc.assert(
      fc.property(prompt, fc.constantFrom(400, 422, 500, 401, 404, 503), (said, status) => {
        const bodyText = WRAPPERS[wrapper]!(ECHOES[echo]!(said));
        expect(shownBy(errorFromResponse({ status, bodyText }, { url }))).not.toContain(MARK);
      }),
      { numRuns: 25 },
    );
  });

  test.each(Object.keys(ECHOES))("%s, as an event of a stream", (echo) => {
    fc.assert(
      fc.property(prompt, (said) => {
        const event = { error: { message: ECHOES[echo]!(said), type: "BadRequestError", param: null, code: 400 } };
        expect(shownBy(errorFromStreamEvent(event, { url }))).not.toContain(MARK);
      }),
      { numRuns: 25 },
    );
  });

  test("the places are really filled: without our reading the mark would be there", () => {
    for (const echo of Object.values(ECHOES)) {
      for (const wrap of Object.values(WRAPPERS)) expect(wrap(echo(MARK))).toContain(MARK);
    }
  });
});

describe("a key that is known never appears, wherever the server puts it", () => {
  const key = fc.stringMatching(/^[A-Za-z0-9_.!$+-]{8,40}$/).map((text) => `${MARK}${text}`);
  const around = fc.string({ maxLength: 40 });

  test("in a body of any shape", () => {
    fc.assert(
      fc.property(
        key,
        around,
        around,
        fc.constantFrom(...Object.values(WRAPPERS)),
        fc.integer({ min: 400, max: 599 }),
        (secret, before, after, wrap, status) => {
          const bodyText = wrap(`${before} Received API Key = ${secret} ${after}`);
          const error = errorFromResponse({ status, bodyText }, { url, secrets: [secret], hasKey: true });
          expect(shownBy(error)).not.toContain(secret);
        },
      ),
    );
  });

  test("in an unknown model's name, and in the address", () => {
    const bodyText = JSON.stringify({ error: { message: "The model `sk-planted-1` does not exist.", param: "model" } });
    const error = errorFromResponse(
      { status: 404, bodyText },
      { url: "http://gpu/sk-planted-1/v1/x", secrets: ["sk-planted-1"] },
    );
    expect(shownBy(error)).not.toContain("planted");
    expect(error.message).toBe('The model "***" is not served here.');
  });

  test("keys of the usual forms are left out even when nobody named them", () => {
    for (const secret of ["sk-lab-1234", "hf_abcdefgh", "Bearer abc.def", "Basic dXNlcjpwYXNz"]) {
      const error = errorFromResponse(
        { status: 400, bodyText: JSON.stringify({ error: `Cannot use ${secret} here` }) },
        { url },
      );
      expect(error.message).toBe("The server refused the request (400): Cannot use … here");
    }
  });

  test("a blank or very short entry among the secrets does no harm", () => {
    const error = errorFromResponse({ status: 400, bodyText: "a b c" }, { url, secrets: ["", "a", "b c"] });
    expect(error.message).toBe("The server refused the request (400): a b c");
  });
});

describe("causes and addresses", () => {
  test("nothing of a cause but its system code is shown", () => {
    fc.assert(
      fc.property(
        prompt,
        fc.constantFrom("ECONNREFUSED", "ECONNRESET", "CERT_HAS_EXPIRED", undefined),
        (said, code) => {
          const inner = Object.assign(new Error(said), code === undefined ? {} : { code });
          const cause = Object.assign(new TypeError(said, { cause: inner }), {
            request: { headers: { authorization: said } },
          });
          const error = errorFromNetwork(cause, { url: `http://${MARK}:${MARK}@gpu:8000/v1?key=${MARK}#${MARK}` });
          expect(shownBy(error)).not.toContain(MARK);
          expect(error.cause).toBe(cause);
        },
      ),
    );
  });

  test("names and codes that are no names and codes are left out", () => {
    const cause = Object.assign(new Error("x"), { name: `${MARK} key`, code: `${MARK} secret` });
    expect(shownBy(errorFromNetwork(cause, { url }))).not.toContain(MARK);
  });

  test.each([
    `http://user:${MARK}@host:99999`,
    `ftp://user:${MARK}@host`,
    `user:${MARK} x@host`,
    `ws://host/?key=${MARK}`,
    `http://ho st/#${MARK}`,
    `http://us@er:${MARK}@ho st/`,
  ])("a refused address: %s", (text) => {
    let thrown: unknown;
    try {
      normalizeBaseUrl(text);
    } catch (error) {
      thrown = error;
    }
    expect(shownBy(thrown as VllmError)).not.toContain(MARK);
  });
});
