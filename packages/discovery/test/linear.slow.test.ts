import { diagnose, discoverServer, recognizeLeakedCall } from "@vllm/discovery";
import { ATOMS, complaintsAbout } from "@vllm-tooling/contract";
import { expect, test } from "vitest";
import { TOOL_FORMATS } from "../src/families/tool-formats.ts";
import { playFetch } from "./play.ts";

/** What stands unrepeated in a pattern. */
const literalsOf = ({ source }: RegExp) =>
  (source.match(/(?:\\[^\w\s]|[^\\()[\]{}?*+|^$.])+/g) ?? []).map((piece) => piece.replaceAll(/\\(?=\W)/g, ""));

const MARKERS = TOOL_FORMATS.flatMap(({ leak }) => literalsOf(leak));
const WORDS = [
  "<!doctype html>",
  "vllm:num_requests_running{",
  'a="b",',
  "\nvllm:",
  "password",
  '{"error":',
  '{"detail":',
];

const MODELS = { object: "list", data: [{ id: "m", root: "m", owned_by: "vllm", max_model_len: 32_768 }] };
const VLLM = {
  "GET /v1/models": Response.json(MODELS),
  "GET /version": Response.json({ version: "0.32.0" }),
  "GET /health": new Response(""),
};

async function look(table: Parameters<typeof playFetch>[0]): Promise<unknown> {
  const report = await discoverServer({ baseUrl: "http://gpu:8000", fetch: playFetch(table), timeoutMs: 60_000 });
  return diagnose(report);
}

/** Every text is an answer of a server that is asked all questions. */
const SERVERS: Readonly<Record<string, (text: string) => Parameters<typeof playFetch>[0]>> = {
  "a page at every path": (text) => ({
    "GET *": new Response(`<html>${text}`, { headers: { "content-type": "text/html" } }),
  }),
  "the same text at every path": (text) => ({ "GET *": new Response(text), "POST *": new Response(text) }),
  "an error at every path": (text) => ({ "GET *": Response.json({ error: { message: text } }, { status: 500 }) }),
  "a model's names": (text) => ({
    ...VLLM,
    "GET /v1/models": Response.json({ data: [{ id: text, root: text, parent: text, owned_by: text }, ...MODELS.data] }),
  }),
  "a version": (text) => ({ ...VLLM, "GET /version": Response.json({ version: text }) }),
  metrics: (text) => ({ ...VLLM, "GET /metrics": new Response(`vllm:num_requests_running{${text}} 1.0\n${text}`) }),
  "a rendered prompt": (text) => ({
    ...VLLM,
    "POST /tokenize": Response.json({ count: 1, max_model_len: 32_768, tokens: [1] }),
    "POST /detokenize": Response.json({ prompt: text }),
  }),
  "a template's refusal": (text) => ({
    ...VLLM,
    "POST /tokenize": Response.json({ error: { message: text, type: "BadRequestError", code: 400 } }, { status: 400 }),
  }),
};

/** Names are refused by their length, and a rendered prompt holds markers. */
const ATOMS_OF: Readonly<Record<string, readonly string[]>> = {
  "a model's names": ["a", "/", " ", "\ud800", "\u001b["],
  "a rendered prompt": [...ATOMS, ...MARKERS],
};

test.each(Object.entries(SERVERS))("%s: looked at in linear time", async (name, prepare) => {
  // Every question is answered with the text, and a template is asked about forty.
  const pass = { prepare, run: look, mostBlockedMs: 1000 };
  expect(await complaintsAbout(pass, ATOMS_OF[name] ?? [...ATOMS, ...WORDS])).toEqual([]);
});

test("a leaked call is looked for in linear time", async () => {
  const pass = { prepare: (text: string) => text, run: recognizeLeakedCall, mostBlockedMs: 100 };
  expect(await complaintsAbout(pass, [...ATOMS, ...WORDS, ...MARKERS])).toEqual([]);
});
