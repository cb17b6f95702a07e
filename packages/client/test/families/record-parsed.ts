// Asks vLLM's own parsers what they read in the families' texts, and writes parsed-by-vllm.json.
// VLLM_PYTHON=<python with vllm> node --conditions=@vllm/source packages/client/test/families/record-parsed.ts
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CALL_FAMILIES, TOOLS, writable } from "./call-families.ts";
import { HAND_WRITTEN } from "./hand-written.ts";
import { SAMPLE_TURNS } from "./sample-calls.ts";

interface Parsed {
  content: string | null;
  calls: { name: string; arguments: string }[];
}

const cases = [
  // vLLM reads gpt-oss from token ids, not from text.
  ...Object.entries(CALL_FAMILIES)
    .filter(([, family]) => family.parser !== "openai")
    .flatMap(([name, family]) =>
      Object.entries(SAMPLE_TURNS).flatMap(([turn, calls]) => {
        const own = writable(family, calls);
        if (own.length === 0) return [];
        const text = family.write(own);
        const preamble = family.allowsText && family.vllmAllowsText !== false ? "Let me see. " : "";
        return [{ name: `${name}, ${turn}`, parser: family.parser, text: preamble + text }];
      }),
    ),
  ...HAND_WRITTEN,
];
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const python = process.env["VLLM_PYTHON"] ?? "python3";
const question = {
  tools: TOOLS.map((tool) => ({ type: "function", function: tool })),
  texts: cases.map(({ parser, text }) => [parser, text]),
};
const answer = execFileSync(python, [here("parse-with-vllm.py")], { input: JSON.stringify(question), maxBuffer: 1e8 });
const parsed = JSON.parse(answer.toString()) as Parsed[];
const recorded = cases.map((entry, index) => ({ ...entry, ...parsed[index] }));
writeFileSync(here("parsed-by-vllm.json"), `${JSON.stringify({ vllm: "0.32.0", cases: recorded }, null, 1)}\n`);
process.stdout.write(`${recorded.length} texts\n`);
