import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

/**
 * What a chat template rendered on a real vLLM for every question of the probe, with words that count up in place of the random ones.
 * `test/record-templates.ts` writes these files.
 */
export interface RecordedTemplate {
  template: string;
  source: string;
  vllm: string;
  recorded: string;
  maxModelLen: number;
  texts: string[];
  refusals: { status: number; body: string }[];
  /** Key of the request → `t<index>` in texts or `r<index>` in refusals. */
  answers: Record<string, string>;
}

const folder = new URL("templates/", import.meta.url);

export function listRecordedTemplates(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length));
}

export function loadRecordedTemplate(name: string): RecordedTemplate {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as RecordedTemplate;
}

export function requestKey(body: { messages?: unknown; tools?: unknown; chat_template_kwargs?: unknown }): string {
  const text = JSON.stringify([body.messages, body.tools ?? null, body.chat_template_kwargs ?? null]);
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** Words that count up, of the shape of the random ones. */
export function createCountingNonce(): () => string {
  let count = 0;
  return () => `w${String((count += 1)).padStart(8, "0")}`;
}

/**
 * A vLLM that renders as recorded, one token a character. Answers `/tokenize` and `/detokenize` only.
 * A rendering that was not recorded is kept in `missing`, because the probe would take the failure for an answer.
 */
export function playTemplate(recorded: RecordedTemplate) {
  const missing: string[] = [];
  const play = (path: string, body: Record<string, unknown>): Response => {
    if (path === "/detokenize") {
      return Response.json({ prompt: String.fromCodePoint(...(body["tokens"] as number[])) });
    }
    const answer = recorded.answers[requestKey(body)];
    if (answer === undefined)
      throw new Error(`${recorded.template}: this rendering was not recorded; record it again.`);
    const index = Number(answer.slice(1));
    const refusal = answer.startsWith("r") ? recorded.refusals[index] : undefined;
    if (refusal !== undefined) return new Response(refusal.body, { status: refusal.status });
    const tokens = Array.from(recorded.texts[index] ?? "", (character) => character.codePointAt(0));
    return Response.json({ count: tokens.length, max_model_len: recorded.maxModelLen, tokens, token_strs: null });
  };
  return Object.assign(play, { missing });
}
