import { toModelJson } from "./to-model-json.ts";

/** A call that the model makes; the arguments are what the tool shall receive. */
export interface ScriptedCall {
  name: string;
  arguments: Readonly<Record<string, unknown>>;
}

export interface ToolCallStyle {
  /** How a model of this family writes its calls. */
  write(calls: readonly ScriptedCall[]): string;
  /** May text stand before a call? The parsers of Llama and pythonic models take a turn as calls only when it begins with them. */
  allowsPreamble: boolean;
  /** vLLM's `--tool-call-parser` values that read this style; the first is the usual one. */
  parsers: readonly string[];
}

const text = (value: unknown) => (typeof value === "string" ? value : toModelJson(value));
const parameters = (call: ScriptedCall) => Object.entries(call.arguments);

/** Tool-call formats, each as a model family writes it, by the name that `--script` takes. */
export const TOOL_CALL_STYLES = {
  hermes: {
    parsers: ["hermes"],
    allowsPreamble: true,
    write: (calls) =>
      calls
        .map((call) => `<tool_call>\n${toModelJson({ name: call.name, arguments: call.arguments })}\n</tool_call>`)
        .join("\n"),
  },
  qwen_xml: {
    parsers: ["qwen3_coder", "qwen3_xml"],
    allowsPreamble: true,
    write: (calls) =>
      calls
        .map((call) => {
          const inner = parameters(call).map(([key, value]) => `<parameter=${key}>\n${text(value)}\n</parameter>\n`);
          return `<tool_call>\n<function=${call.name}>\n${inner.join("")}</function>\n</tool_call>`;
        })
        .join("\n"),
  },
  llama: {
    parsers: ["llama3_json", "llama4_json"],
    allowsPreamble: false,
    write: (calls) => calls.map((call) => toModelJson({ name: call.name, parameters: call.arguments })).join("; "),
  },
  pythonic: {
    parsers: ["pythonic", "llama4_pythonic"],
    allowsPreamble: false,
    write: (calls) => {
      const inner = calls.map((call) => {
        const named = parameters(call).map(([key, value]) => `${key}=${toPythonLiteral(value)}`);
        return `${call.name}(${named.join(", ")})`;
      });
      return `[${inner.join(", ")}]`;
    },
  },
  // GLM 4.5 writes line breaks between these tags; vLLM's grammar for it (on even with tool_choice auto) allows none
  glm: {
    parsers: ["glm45", "glm47"],
    allowsPreamble: true,
    write: (calls) =>
      calls
        .map((call) => {
          const inner = parameters(call).map(
            ([key, value]) => `<arg_key>${key}</arg_key><arg_value>${text(value)}</arg_value>`,
          );
          return `<tool_call>${call.name}${inner.join("")}</tool_call>`;
        })
        .join(""),
  },
  // the bars of DeepSeek's tokens are U+FF5C, not the ASCII bar
  ds31: {
    parsers: ["deepseek_v31"],
    allowsPreamble: true,
    write: (calls) => {
      const inner = calls.map(
        (call) => `<｜tool▁call▁begin｜>${call.name}<｜tool▁sep｜>${toModelJson(call.arguments)}<｜tool▁call▁end｜>`,
      );
      return `<｜tool▁calls▁begin｜>${inner.join("")}<｜tool▁calls▁end｜>`;
    },
  },
  ds3: {
    parsers: ["deepseek_v3"],
    allowsPreamble: true,
    write: (calls) => {
      const inner = calls.map(
        (call) =>
          `<｜tool▁call▁begin｜>function<｜tool▁sep｜>${call.name}\n\`\`\`json\n${toModelJson(call.arguments)}\n\`\`\`<｜tool▁call▁end｜>`,
      );
      return `<｜tool▁calls▁begin｜>${inner.join("\n")}<｜tool▁calls▁end｜>`;
    },
  },
  kimi: {
    parsers: ["kimi_k2"],
    allowsPreamble: true,
    write: (calls) => {
      const inner = calls.map(
        (call, index) =>
          `<|tool_call_begin|>functions.${call.name}:${index}<|tool_call_argument_begin|>${toModelJson(call.arguments)}<|tool_call_end|>`,
      );
      return `<|tool_calls_section_begin|>${inner.join("")}<|tool_calls_section_end|>`;
    },
  },
  mistral: {
    parsers: [],
    allowsPreamble: true,
    write: (calls) =>
      `[TOOL_CALLS]${toModelJson(calls.map((call) => ({ name: call.name, arguments: call.arguments })))}`,
  },
  // what vLLM's parser reads unless the tokenizer is an older one of Mistral's own
  mistral11: {
    parsers: ["mistral"],
    allowsPreamble: true,
    write: (calls) => calls.map((call) => `[TOOL_CALLS]${call.name}[ARGS]${toModelJson(call.arguments)}`).join(""),
  },
} satisfies Record<string, ToolCallStyle>;

export type ToolCallStyleName = keyof typeof TOOL_CALL_STYLES;

function toPythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(toPythonLiteral).join(", ")}]`;
  if (typeof value === "object") {
    return `{${Object.entries(value)
      .map(([key, item]) => `${toModelJson(key)}: ${toPythonLiteral(item)}`)
      .join(", ")}}`;
  }
  return toModelJson(value);
}
