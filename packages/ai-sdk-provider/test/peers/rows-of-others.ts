import { startLab, type Lab } from "@vllm-tooling/vllm-lab";
import { ask, type Peer } from "./ask.ts";
import { half, quote, right, wrong, type Verdict } from "./row.ts";

export type Both = Record<Peer, Verdict>;
export type RowOfBoth = readonly [id: string, scenario: string, verdicts: Both];
type Look = (peer: Peer) => Promise<Verdict>;

/** Longer than a server takes to die. */
const SILENCE_MS = 60_000;

async function both(look: Look): Promise<Both> {
  return { "openai-compatible": await look("openai-compatible"), vllm: await look("vllm") };
}

async function rowsOfNoParser(): Promise<RowOfBoth[]> {
  await using lab = await startLab({ withoutParsers: true, apiKey: "sk-lab" });
  const locked = { baseUrl: lab.baseUrl, apiKey: "sk-lab" };
  return [
    [
      "12",
      "tool parser not enabled",
      await both(async (peer) => {
        const { errors } = await ask(peer, locked, "What time is it?", { withTools: true, maxRetries: 0 });
        return /vllm serve/.test(errors[0] ?? "") ? right(quote(errors[0])) : wrong(quote(errors[0]));
      }),
    ],
    [
      "15",
      "wrong key",
      await both(async (peer) => {
        const { errors } = await ask(peer, { ...locked, apiKey: "sk-wrong" }, "Hello", { maxRetries: 0 });
        return /VLLM_API_KEY|apiKey/.test(errors[0] ?? "") ? right(quote(errors[0])) : wrong(quote(errors[0]));
      }),
    ],
    [
      "26a",
      "`<think>` on a server without a reasoning parser",
      await both(async (peer) => {
        const seen = await ask(peer, locked, "Hello");
        if (!seen.text.includes("<think>")) return right("reasoning parts");
        return peer === "vllm" ? half("in text, with a warning; reasoning parts with `recover`") : wrong("in text");
      }),
    ],
  ];
}

async function rowsOfWrongParser(): Promise<RowOfBoth[]> {
  await using lab = await startLab({ flags: ["--tool-call-parser", "llama3_json"], script: "hermes-think" });
  return [
    [
      "26b",
      "`<tool_call>` left in the text (wrong parser)",
      await both(async (peer) => {
        const seen = await ask(peer, lab, "What time is it?", { withTools: true });
        if (seen.ran.length > 0) return right("found and run");
        return peer === "vllm"
          ? half(`in text, with a warning; run with \`recover\`; ${seen.finish}`)
          : wrong(`in text, ${seen.finish}`);
      }),
    ],
  ];
}

async function rowsOfNoServer(): Promise<RowOfBoth[]> {
  return [
    [
      "14",
      "server not running",
      await both(async (peer) => {
        const { errors, seconds } = await ask(peer, { baseUrl: "http://127.0.0.1:8129/v1" }, "Hello");
        const words = `${seconds.toFixed(1)} s, ${quote(errors[0])}`;
        return /vllm serve/.test(errors[0] ?? "") ? right(words) : half(words);
      }),
    ],
  ];
}

async function rowsOfDeath(): Promise<RowOfBoth[]> {
  const deaths: readonly [id: string, scenario: string, die: (lab: Lab) => void][] = [
    ["17a", "server `kill -9` in mid-answer", (lab) => lab.kill("api")],
    ["17b", "server `kill -TERM` in mid-answer", (lab) => void process.kill(lab.apiServerPid, "SIGTERM")],
    ["18", "engine killed in mid-answer", (lab) => lab.kill("engine")],
  ];
  const rows: RowOfBoth[] = [];
  for (const [id, scenario, die] of deaths) {
    // A server each: it dies of it.
    const look: Look = async (peer) => {
      await using lab = await startLab();
      const dying = setTimeout(() => die(lab), 3000);
      const abortSignal = AbortSignal.timeout(SILENCE_MS);
      const seen = await ask(peer, lab, "very long answer", { maxRetries: 0, maxOutputTokens: 4000, abortSignal });
      clearTimeout(dying);
      if (seen.isAborted) return wrong(`still waiting after ${SILENCE_MS / 1000} s`);
      if (seen.errors.length === 0) return wrong(`silent, ${seen.finish}`);
      return seen.text === "" ? half(`no text, ${quote(seen.errors[0])}`) : right(quote(seen.errors[0]));
    };
    rows.push([id, scenario, await both(look)]);
  }
  return rows;
}

/** By server: one without parsers, which wants a key; one with the wrong tool parser; none; and servers that die. */
export const ROWS_OF_OTHERS: readonly (() => Promise<RowOfBoth[]>)[] = [
  rowsOfNoParser,
  rowsOfWrongParser,
  rowsOfNoServer,
  rowsOfDeath,
];
