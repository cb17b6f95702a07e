import type { ToolCallFormat } from "@vllm/schema/core";
import type { RecoverableTool } from "../../src/leaked-markup/markup-reader-options.ts";

/** A call as the tool shall receive it. */
export interface IntendedCall {
  name: string;
  arguments: Readonly<Record<string, unknown>>;
}

/** How models of one family write calls. Written from the families' chat templates, as vLLM's parsers read them. */
export interface CallFamily {
  /** vLLM's `--tool-call-parser`. */
  parser: string;
  format: ToolCallFormat;
  write: (calls: readonly IntendedCall[]) => string;
  /** False where a call must be the whole answer. */
  allowsText: boolean;
  /** False where vLLM's parser wants the marker at the beginning, though text before it would harm nobody. */
  vllmAllowsText?: boolean;
  /** False where the format cannot hold such a text in an argument. */
  canHold?: (text: string) => boolean;
  /** True where a piece of the format can be cut off and what is left is still whole. */
  endsWithJson?: boolean;
}

export const TOOLS: readonly RecoverableTool[] = [
  {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string" },
        unit: { type: "string", enum: ["celsius", "fahrenheit"] },
        days: { type: "integer" },
        ratio: { type: "number" },
        exact: { type: "boolean" },
        note: { anyOf: [{ type: "string" }, { type: "null" }] },
        tags: { type: "array", items: { type: "string" } },
        options: {
          type: "object",
          properties: { deep: { type: "object", properties: { level: { type: "integer" } } } },
        },
      },
      required: ["city"],
    },
  },
  { name: "now", parameters: { type: "object", properties: {} } },
  {
    name: "search-web",
    parameters: {
      type: "object",
      properties: { query: { type: "string" }, limit: { type: "integer" } },
      required: ["query"],
    },
  },
];

const members = (call: IntendedCall) => Object.entries(call.arguments);
const plain = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
const without =
  (...markers: string[]) =>
  (text: string) =>
    !markers.some((marker) => text.includes(marker));

const hermes = (open: string, close: string) => (calls: readonly IntendedCall[]) =>
  calls
    .map((call) => `${open}\n${JSON.stringify({ name: call.name, arguments: call.arguments })}\n${close}`)
    .join("\n");

const qwen = (open: string, close: string) => (calls: readonly IntendedCall[]) =>
  calls
    .map((call) => {
      const inner = members(call).map(([key, value]) => `<parameter=${key}>\n${plain(value)}\n</parameter>\n`);
      return `${open}\n<function=${call.name}>\n${inner.join("")}</function>\n${close}`;
    })
    .join("\n");

const dsml =
  (section: string, blank = "") =>
  (calls: readonly IntendedCall[]) => {
    const tag = `｜DSML｜${blank}`;
    const invokes = calls.map((call) => {
      const inner = members(call).map(
        ([key, value]) =>
          `<${tag}parameter name="${key}" string="${typeof value === "string"}">${plain(value)}</${tag}parameter>\n`,
      );
      return `<${tag}invoke name="${call.name}">\n${inner.join("")}</${tag}invoke>\n`;
    });
    return `<${tag}${section}>\n${invokes.join("")}</${tag}${section}>`;
  };

const python = (call: IntendedCall) =>
  `${call.name}(${members(call)
    .map(([key, value]) => `${key}=${toPython(value)}`)
    .join(", ")})`;

function toPython(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(toPython).join(", ")}]`;
  if (typeof value === "object") {
    return `{${Object.entries(value)
      .map(([key, item]) => `${toPython(key)}: ${toPython(item)}`)
      .join(", ")}}`;
  }
  if (typeof value === "string") {
    return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\0", "\\x00")}'`;
  }
  return String(value);
}

function toGemma(value: unknown): string {
  if (typeof value === "string") return `<|"|>${value}<|"|>`;
  if (Array.isArray(value)) return `[${value.map(toGemma).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}:${toGemma(item)}`)
      .join(",")}}`;
  }
  return String(value);
}

const isPythonName = (call: IntendedCall) => /^\w+$/.test(call.name);
const pythonCalls = (calls: readonly IntendedCall[]) => calls.filter(isPythonName).map(python);

export const CALL_FAMILIES: Readonly<Record<string, CallFamily>> = {
  hermes: { parser: "hermes", format: "hermes", allowsText: true, write: hermes("<tool_call>", "</tool_call>") },
  longcat: {
    parser: "longcat",
    format: "hermes",
    allowsText: true,
    write: hermes("<longcat_tool_call>", "</longcat_tool_call>"),
  },
  qwen: {
    parser: "qwen3_coder",
    format: "qwen-xml",
    allowsText: true,
    write: qwen("<tool_call>", "</tool_call>"),
    canHold: without("</parameter>", "<parameter=", "</function>"),
  },
  seed: {
    parser: "seed_oss",
    format: "qwen-xml",
    allowsText: true,
    write: qwen("<seed:tool_call>", "</seed:tool_call>"),
    canHold: without("</parameter>", "<parameter=", "</function>"),
  },
  glm: {
    parser: "glm47",
    format: "glm",
    allowsText: true,
    write: (calls) =>
      calls
        .map((call) => {
          const inner = members(call).map(
            ([key, value]) => `<arg_key>${key}</arg_key><arg_value>${plain(value)}</arg_value>`,
          );
          return `<tool_call>${call.name}${inner.join("")}</tool_call>`;
        })
        .join(""),
    canHold: without("</arg_value>", "</tool_call>"),
  },
  glmWithLines: {
    parser: "glm45",
    format: "glm",
    allowsText: true,
    write: (calls) =>
      calls
        .map((call) => {
          const inner = members(call).map(
            ([key, value]) => `<arg_key>${key}</arg_key>\n<arg_value>${plain(value)}</arg_value>\n`,
          );
          return `<tool_call>${call.name}\n${inner.join("")}</tool_call>`;
        })
        .join("\n"),
    canHold: without("</arg_value>", "</tool_call>"),
  },
  deepseekV3: {
    parser: "deepseek_v3",
    format: "deepseek-v3",
    allowsText: true,
    write: (calls) => {
      const inner = calls.map(
        (call) =>
          `<｜tool▁call▁begin｜>function<｜tool▁sep｜>${call.name}\n\`\`\`json\n${JSON.stringify(call.arguments)}\n\`\`\`<｜tool▁call▁end｜>`,
      );
      return `<｜tool▁calls▁begin｜>${inner.join("\n")}<｜tool▁calls▁end｜>`;
    },
  },
  deepseekV31: {
    parser: "deepseek_v31",
    format: "deepseek-v31",
    allowsText: true,
    write: (calls) => {
      const inner = calls.map(
        (call) => `<｜tool▁call▁begin｜>${call.name}<｜tool▁sep｜>${JSON.stringify(call.arguments)}<｜tool▁call▁end｜>`,
      );
      return `<｜tool▁calls▁begin｜>${inner.join("")}<｜tool▁calls▁end｜>`;
    },
    canHold: without("<｜tool▁call▁end｜>"),
  },
  deepseekV32: {
    parser: "deepseek_v32",
    format: "deepseek-dsml",
    allowsText: true,
    write: dsml("function_calls"),
    canHold: without("</｜DSML｜"),
  },
  deepseekV4: {
    parser: "deepseek_v4",
    format: "deepseek-dsml",
    allowsText: true,
    write: dsml("tool_calls"),
    canHold: without("</｜DSML｜"),
  },
  deepseekV41: {
    parser: "deepseek_v41",
    format: "deepseek-dsml",
    allowsText: true,
    write: dsml("calls", " "),
    canHold: without("</｜DSML｜"),
  },
  kimi: {
    parser: "kimi_k2",
    format: "kimi-k2",
    allowsText: true,
    write: (calls) => {
      const inner = calls.map(
        (call, index) =>
          `<|tool_call_begin|>functions.${call.name}:${index}<|tool_call_argument_begin|>${JSON.stringify(call.arguments)}<|tool_call_end|>`,
      );
      return `<|tool_calls_section_begin|>${inner.join("")}<|tool_calls_section_end|>`;
    },
  },
  minimax: {
    parser: "minimax_m2",
    format: "minimax-m2",
    allowsText: true,
    write: (calls) => {
      const invokes = calls.map((call) => {
        const inner = members(call).map(([key, value]) => `<parameter name="${key}">${plain(value)}</parameter>\n`);
        return `<invoke name="${call.name}">\n${inner.join("")}</invoke>\n`;
      });
      return `<minimax:tool_call>\n${invokes.join("")}</minimax:tool_call>`;
    },
    canHold: without("</parameter>", "</invoke>", "<parameter name="),
  },
  granite: {
    parser: "granite",
    format: "granite",
    allowsText: true,
    endsWithJson: true,
    write: (calls) =>
      `<|tool_call|>${JSON.stringify(calls.map((call) => ({ name: call.name, arguments: call.arguments })))}`,
  },
  graniteText: {
    parser: "granite",
    format: "granite",
    allowsText: true,
    endsWithJson: true,
    write: (calls) =>
      `<tool_call>${JSON.stringify(calls.map((call) => ({ name: call.name, arguments: call.arguments })))}`,
  },
  gemma: {
    parser: "gemma4",
    format: "gemma4",
    allowsText: true,
    write: (calls) =>
      calls
        .map((call) => {
          const inner = members(call).map(([key, value]) => `${key}:${toGemma(value)}`);
          return `<|tool_call>call:${call.name}{${inner.join(",")}}<tool_call|>`;
        })
        .join(""),
    canHold: without('<|"|>'),
  },
  mistral: {
    parser: "mistral",
    format: "mistral",
    allowsText: true,
    endsWithJson: true,
    write: (calls) => calls.map((call) => `[TOOL_CALLS]${call.name}[ARGS]${JSON.stringify(call.arguments)}`).join(""),
  },
  mistralList: {
    parser: "mistral-list",
    format: "mistral",
    allowsText: true,
    endsWithJson: true,
    write: (calls) =>
      `[TOOL_CALLS]${JSON.stringify(calls.map((call) => ({ name: call.name, arguments: call.arguments })))}`,
  },
  llama: {
    parser: "llama3_json",
    format: "llama-json",
    allowsText: false,
    endsWithJson: true,
    write: (calls) => calls.map((call) => JSON.stringify({ name: call.name, parameters: call.arguments })).join("; "),
  },
  llamaMarked: {
    parser: "llama3_json",
    format: "llama-json",
    allowsText: true,
    endsWithJson: true,
    write: (calls) =>
      `<|python_tag|>${calls.map((call) => JSON.stringify({ name: call.name, parameters: call.arguments })).join("; ")}`,
  },
  pythonic: {
    parser: "pythonic",
    format: "pythonic",
    allowsText: false,
    write: (calls) => `[${pythonCalls(calls).join(", ")}]`,
  },
  llama4: {
    parser: "llama4_pythonic",
    format: "pythonic",
    allowsText: true,
    vllmAllowsText: false,
    write: (calls) => `<|python_start|>[${pythonCalls(calls).join(", ")}]<|python_end|>`,
  },
  lfm2: {
    parser: "lfm2",
    format: "pythonic",
    allowsText: true,
    write: (calls) => `<|tool_call_start|>[${pythonCalls(calls).join(", ")}]<|tool_call_end|>`,
  },
  olmo3: {
    parser: "olmo3",
    format: "pythonic",
    allowsText: true,
    write: (calls) => `<function_calls>${pythonCalls(calls).join("\n")}</function_calls>`,
  },
  gptOss: {
    parser: "openai",
    format: "gpt-oss",
    allowsText: true,
    endsWithJson: true,
    write: (calls) =>
      calls
        .map(
          (call) =>
            `<|start|>assistant<|channel|>commentary to=functions.${call.name} <|constrain|>json<|message|>${JSON.stringify(call.arguments)}<|call|>`,
        )
        .join(""),
  },
};

/** The calls that a family can write at all: Python has no names with a dash. */
export function writable(family: CallFamily, calls: readonly IntendedCall[]): IntendedCall[] {
  return family.format === "pythonic" ? calls.filter(isPythonName) : [...calls];
}
