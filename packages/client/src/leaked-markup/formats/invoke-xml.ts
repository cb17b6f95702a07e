import type { ToolCallFormat } from "@vllm/schema/core";
import { parseRawJson } from "../../repairs/escape-control-characters.ts";
import { toObjectText } from "../arguments-text.ts";
import { markerSetOf } from "../marker-set.ts";
import { propertySchema, toTypedJson } from "../to-typed-json.ts";
import type { CallReader } from "./call-reader.ts";
import { readToolName } from "./call-reader.ts";

/** One spelling of `<invoke name="…"><parameter name="…">…</parameter></invoke>`. */
interface InvokeDialect {
  format: ToolCallFormat;
  /** What stands before the tags' names. */
  prefix: string;
  /** Tags that end the section around the invocations. */
  sectionEnds: readonly string[];
}

/** DeepSeek V3.2 and V4. Source: vLLM 0.32.0 `parser/deepseek_v32.py`, `parser/deepseek_v4.py`. */
const DSML: InvokeDialect = {
  format: "deepseek-dsml",
  prefix: "｜DSML｜",
  sectionEnds: ["function_calls>", "tool_calls>", "toolcalls>", "tool>"].map((end) => `</｜DSML｜${end}`),
};

/** DeepSeek V4.1: a blank after the bars. Source: vLLM 0.32.0 `parser/deepseek_v41.py`. */
const SPACED_DSML: InvokeDialect = { format: "deepseek-dsml", prefix: "｜DSML｜ ", sectionEnds: ["</｜DSML｜ calls>"] };

/** MiniMax M2. Source: vLLM 0.32.0 `parser/minimax_m2.py`. */
const MINIMAX: InvokeDialect = { format: "minimax-m2", prefix: "", sectionEnds: ["</minimax:tool_call>"] };

/** After `<invoke name=`: the invocations that follow each other, and the end of their section. */
function readInvocations({ format, prefix, sectionEnds }: InvokeDialect): CallReader {
  const parameterStart = `<${prefix}parameter`;
  const parameterEnd = `</${prefix}parameter>`;
  const invokeEnd = `</${prefix}invoke>`;
  const tags = [parameterStart, parameterEnd, invokeEnd];
  const valueEnds = markerSetOf([parameterEnd, `${parameterStart} name=`, invokeEnd]);
  return function* (source, tools) {
    for (;;) {
      const quote = yield* source.oneOf(['"', "'"]);
      const name = yield* readToolName(source, tools);
      if (name === undefined || !(yield* source.literal(`${quote ?? ""}>`))) return false;
      const schema = tools.schemaOf(name);
      const members = new Map<string, string>();
      for (;;) {
        yield* source.blanks();
        const tag = yield* source.oneOf(tags);
        if (tag === undefined) return false;
        if (tag === invokeEnd) break;
        if (tag === parameterEnd) continue;
        const attributes = yield* source.until(">");
        const key = /^\s+name\s*=\s*(?:"([^"]+)"|'([^']+)'|([^\s>"']+))/.exec(attributes?.text ?? "");
        if (key === null) return false;
        const value = yield* source.untilOneOf(valueEnds);
        if (value === undefined) return false;
        if (value.stop !== parameterEnd) source.at -= value.stop.length;
        const property = (key[1] ?? key[2] ?? key[3] ?? "").trim();
        const isText = format === "minimax-m2" || /\bstring\s*=\s*"true"/.test(attributes?.text ?? "");
        const valueSchema = propertySchema(schema, property, schema);
        const isTyped = isText || valueSchema !== undefined;
        members.set(property, isTyped ? toTypedJson(value.text, valueSchema, schema) : toLooseJson(value.text));
      }
      yield { name, argumentsText: toObjectText(members), format };
      const next = yield* source.follow([`<${prefix}invoke name=`, ...sectionEnds]);
      if (next === undefined || sectionEnds.includes(next)) return true;
    }
  };
}

/** A value of which nothing is known: JSON where it is JSON, else a string. */
function toLooseJson(text: string): string {
  try {
    parseRawJson(text);
    return text.trim();
  } catch {
    return JSON.stringify(text);
  }
}

function readSection(dialect: InvokeDialect): CallReader {
  const readInvokes = readInvocations(dialect);
  return function* (source, tools) {
    yield* source.blanks();
    return (yield* source.literal(`<${dialect.prefix}invoke name=`)) && (yield* readInvokes(source, tools));
  };
}

export const readDsmlSection = readSection(DSML);
export const readDsmlInvoke = readInvocations(DSML);
export const readSpacedDsmlSection = readSection(SPACED_DSML);
export const readSpacedDsmlInvoke = readInvocations(SPACED_DSML);
export const readMinimaxSection = readSection(MINIMAX);
export const readMinimaxInvoke = readInvocations(MINIMAX);
