import {
  displayUrl,
  errorFromNetwork,
  errorFromResponse,
  errorFromStreamEvent,
  nearest,
  normalizeBaseUrl,
  parseModelRef,
  readAddress,
  safeParseHostConfig,
} from "@vllm/schema";
import { readErrorBody } from "@vllm/schema/core";
import { sendableApiKey, substituteVariables } from "@vllm/schema/internal";
import { ATOMS, complaintsAbout } from "@vllm-tooling/contract";
import { expect, test } from "vitest";

const url = "http://gpu:8000/v1/chat/completions";
const WORDS = [
  "1 validation error for x\n ",
  "'input': ",
  '{"error": ',
  '{"detail":',
  "Only user, ",
  "Valid aliases: ",
  " expected ",
  "--enable-x",
  "Bearer ",
  " None",
  "/v1",
  "/chat/completions",
  "http://",
  "${A}",
  "//",
  "/*",
];

type Prepared = readonly [prepare: (text: string) => string, run: (input: string) => unknown];

const asItIs = (text: string) => text;
const json = (toBody: (text: string) => unknown) => (text: string) => JSON.stringify(toBody(text));
const errorOf = (bodyText: string) =>
  errorFromResponse({ status: 400, contentType: "application/json", bodyText }, { url });

/** How each text is put where a server or a person writes it, and what reads it there. */
const PASSES: Readonly<Record<string, Prepared>> = {
  "an error body, as it is": [asItIs, readErrorBody],
  "the message of an error": [
    json((text) => ({ error: { message: text, type: text, param: text, code: 400 } })),
    errorOf,
  ],
  "the detail of an error": [json((text) => ({ detail: [{ loc: ["body", text], msg: text }] })), errorOf],
  "an error in a router's words": [
    json((text) => ({ message: `litellm: {"error": {"message": ${JSON.stringify(text)}}}` })),
    errorOf,
  ],
  "an error of the schema": [json((text) => ({ message: `1 validation error for x\n  ${text}` })), errorOf],
  "a web page": [(text) => `<html>${text}`, readErrorBody],
  "an error that was cut": [(text) => `{"error":{"message":"${text}`, readErrorBody],
  "an error event": [asItIs, (message) => errorFromStreamEvent({ error: { message, code: 400 } }, { url })],
  "a network error": [
    (text) => `error sending request ${text} (os error 1)`,
    (message) => errorFromNetwork(new TypeError(message), { url }),
  ],
  "an address": [asItIs, normalizeBaseUrl],
  "an address in text": [(text) => `x${text}x`, readAddress],
  "a path": [(text) => `http://gpu:8000/${text}x`, normalizeBaseUrl],
  "an address to show": [(text) => `ws://${text}`, displayUrl],
  "a model reference": [asItIs, parseModelRef],
  "a model reference with slashes": [(text) => `x${text}x`, parseModelRef],
  "an API key": [asItIs, sendableApiKey],
  "a model's name": [asItIs, (text) => nearest(text, ["Qwen/Qwen3-8B", text, "sql-lora"])],
  variables: [asItIs, (text) => substituteVariables(text, () => undefined)],
};

test.each(Object.entries(PASSES))("%s is read in linear time", async (_, [prepare, run]) => {
  expect([
    ...(await complaintsAbout({ prepare, run }, [...ATOMS, ...WORDS])),
    ...(await complaintsAbout({ prepare, run, sizes: [1_000_000, 10_000_000] }, ["9", " ", "'"])),
  ]).toEqual([]);
});

test("an agent's configuration is read in linear time", async () => {
  const run = (text: string) => safeParseHostConfig(text);
  // json5 reads 4 to 20 MB in a second. The text is the user's own file.
  const pass = { prepare: asItIs, run, mostBlockedMs: 500 };
  expect(await complaintsAbout(pass, [...ATOMS, ...WORDS])).toEqual([]);
});
