import type { Fact } from "@vllm/schema";
import type { ConnectEvent, ModelFacts } from "../connect/connect-event.ts";
import type { Colors } from "./colors.ts";
import { formatCount } from "./format-numbers.ts";
import { CONTINUED, label } from "./label.ts";
import { toSafeLine } from "./safe-text.ts";
import { wrap } from "./wrap.ts";

const NAME_WIDTH = 16;
const VALUE_WIDTH = 15;
/** A source that has less than this beside its value stands below it. */
const NARROWEST = 25;

export interface LinesOptions {
  colors: Colors;
  /** Width of the terminal. */
  columns: number;
}

/** A step on the way to a model, as lines of text. */
export function toConnectLines(event: ConnectEvent, options: LinesOptions): string[] {
  const { colors } = options;
  const row = (name: string, text: string, style: (text: string) => string = String): string[] =>
    wrap(toSafeLine(text), options.columns - CONTINUED.length).map(
      (line, index) => (index === 0 && name !== "" ? label(name, colors) : CONTINUED) + style(line),
    );
  switch (event.type) {
    case "provider":
      if (isPassedOver(event)) return row("", event.reason, colors.dim);
      return [
        ...row("Provider", event.reason),
        ...(event.keySource === undefined ? [] : row("", `key: ${event.keySource}`, colors.dim)),
      ];
    case "embedded_server":
      return row("Provider", event.message);
    case "server": {
      const kind = event.kind === "vllm" ? "vLLM" : event.kind;
      return row("Server", [event.baseUrl, [kind, event.version].join(" ").trim(), event.state].join(" · "));
    }
    case "model":
      return [...row("Found", event.id, colors.bold), ...toFactLines(event, options)];
    case "finding":
      return [
        ...(event.severity === "error"
          ? row("Problem", event.message, colors.red)
          : row("Warning", event.message, colors.yellow)),
        ...row("", event.fix, colors.dim),
      ];
    case "model_chosen":
      return row("Model", `${event.id} (${event.reason})`);
  }
}

/** It says why no server was found, which matters less than what answers instead. */
export function isPassedOver(event: ConnectEvent): boolean {
  return event.type === "provider" && (event.source === "off" || event.source === "unavailable");
}

/** The question that follows may show it. */
function seen({ value }: ModelFacts["toolCalling"]): string {
  return value === "unknown" ? "not seen yet" : value;
}

function toFactLines(model: ModelFacts, { colors, columns }: LinesOptions): string[] {
  const facts: [name: string, value: string, fact: Fact<unknown>][] = [
    ["context window", `${formatCount(model.contextWindow.value)} tokens`, model.contextWindow],
    ["tool calls", seen(model.toolCalling), model.toolCalling],
    ["reasoning", seen(model.reasoning), model.reasoning],
    ["input", model.input.value.join(", "), model.input],
  ];
  return facts.flatMap(([name, value, { source, evidence }]) => {
    const head = `${CONTINUED}${name.padEnd(NAME_WIDTH)}${value.padEnd(VALUE_WIDTH)} `;
    const text = `${source}: ${toSafeLine(evidence)}`;
    const isNarrow = columns - head.length < NARROWEST;
    const indent = isNarrow ? `${CONTINUED}  ` : " ".repeat(head.length);
    const lines = wrap(text, columns - indent.length).map((line) => colors.dim(line));
    if (isNarrow) return [head.trimEnd(), ...lines.map((line) => indent + line)];
    return lines.map((line, index) => (index === 0 ? head : indent) + line);
  });
}
