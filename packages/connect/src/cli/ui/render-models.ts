import type { DiscoveredModel, ServerReport } from "@vllm/discovery";
import { displayUrl } from "@vllm/schema/core";
import type { FieldReason, HostModel } from "@vllm/coderclaw-adapter/internal";
import type { Output } from "../terminal/output.ts";
import type { Colors } from "../terminal/colors.ts";
import type { Cell } from "./render-table.ts";
import { renderTable } from "./render-table.ts";
import { wrapText } from "../terminal/wrap-text.ts";

/** `vLLM 0.32.0 at http://127.0.0.1:8000/v1`. */
export function renderServerLine(report: ServerReport, colors: Colors): string {
  if (report.kind === "nothing")
    return `${colors.red("✖")} ${colors.bold("No server")} at ${displayUrl(report.apiRoot)} ${colors.dim(`(${report.durationMs} ms)`)}`;
  const name = KINDS[report.kind] ?? report.kind;
  // Behind these, `/version` is that of a vLLM.
  const isBefore = report.kind === "vllm-router" || report.kind === "production-stack";
  const version = report.version === undefined ? "" : `${isBefore ? ", vLLM" : ""} ${report.version}`;
  const mark = report.state === "ready" ? colors.green("✔") : colors.red("✖");
  const state = STATES[report.state];
  const said = state === "" ? "" : ` ${colors.yellow(state)}`;
  return `${mark} ${colors.bold(`${name}${version}`)} at ${displayUrl(report.apiRoot)}${said} ${colors.dim(`(${report.durationMs} ms)`)}`;
}

const KINDS: Readonly<Partial<Record<ServerReport["kind"], string>>> = {
  vllm: "vLLM",
  "production-stack": "vLLM's production-stack",
  litellm: "LiteLLM",
  "ray-serve": "Ray Serve",
  ollama: "Ollama",
  sglang: "SGLang",
  "lm-studio": "LM Studio",
  "openai-compatible": "An OpenAI-compatible server",
  "web-page": "A web page",
  "login-page": "A login page",
  "other-http": "An HTTP server",
  locked: "A server",
};

const STATES: Readonly<Record<ServerReport["state"], string>> = {
  ready: "",
  starting: "is loading",
  asleep: "is asleep",
  unhealthy: "is not healthy",
  locked: "is locked",
  unreachable: "does not answer",
  "wrong-server": "is not a vLLM server",
};

/** The served models: what an agent gets from each. */
export function renderModelTable(
  report: ServerReport,
  models: readonly HostModel[],
  output: Output,
  defaultId?: string,
): string {
  const { colors, width } = output;
  const discovered = new Map(report.models.map((model) => [model.id, model]));
  const rows = models.map(({ id, entry }): (string | Cell)[] => {
    const model = discovered.get(id) as DiscoveredModel;
    const isAssumed = model.profile.contextWindow.source === "assumed";
    const isDefault = id === defaultId;
    const lora = model.parent === undefined ? "" : ` (LoRA of ${model.parent})`;
    return [
      { text: `${isDefault ? "●" : " "} ${id}${lora}`, paint: isDefault ? colors.green : undefined },
      {
        text: `${formatTokens(entry["contextWindow"])}${isAssumed ? "?" : ""}`,
        paint: isAssumed ? colors.yellow : undefined,
      },
      formatTokens(entry["maxTokens"]),
      (entry["input"] as readonly string[]).join(", "),
      toStatusCell(model.toolCalling.status, colors),
      toStatusCell(model.thinks.status, colors),
    ];
  });
  const columns = [
    { title: "  Model" },
    { title: "Window", align: "right" },
    { title: "Answer", align: "right" },
    { title: "Takes" },
    { title: "Tools" },
    { title: "Thinks" },
  ] as const;
  return renderTable(columns, rows, { colors, width });
}

/** Why each field of a model's entry has its value; models that differ in their names only share one table. */
export function renderReasons(models: readonly HostModel[], output: Output): string {
  const groups = new Map<string, { names: string[]; reasons: FieldReason[] }>();
  for (const { id, reasons } of models) {
    const shown = reasons.filter(({ field }) => !["id", "name", "cost"].includes(field));
    const key = JSON.stringify(shown);
    const group = groups.get(key) ?? { names: [], reasons: shown };
    group.names.push(id);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ names, reasons }) => renderGroup(names.join(", "), reasons, output)).join("\n\n");
}

const SIDE_BY_SIDE = 90;

function renderGroup(title: string, reasons: readonly FieldReason[], output: Output): string {
  const { colors, width } = output;
  const heading = wrapText(`  ${title}`, width).map(colors.bold);
  if (width < SIDE_BY_SIDE) return [...heading, ...reasons.flatMap((reason) => stackReason(reason, output))].join("\n");
  const rows = reasons.map((reason): (string | Cell)[] => [
    `  ${reason.field}`,
    formatValue(reason.value),
    { text: reason.source, paint: sourcePaint(reason, colors) },
    { text: reason.evidence, paint: colors.dim },
  ]);
  const columns = [{ title: "  Field" }, { title: "Value" }, { title: "From" }, { title: "Because" }];
  return [...heading, renderTable(columns, rows, { colors, width })].join("\n");
}

/** For a narrow terminal: the evidence below its value. */
function stackReason(reason: FieldReason, { colors, width }: Output): string[] {
  const { field, value, source, evidence } = reason;
  return [
    ...wrapText(`  ${field}: ${formatValue(value)} (${source})`, width).map(sourcePaint(reason, colors)),
    ...wrapText(`    ${evidence}`, width).map(colors.dim),
  ];
}

function sourcePaint({ source }: FieldReason, colors: Colors): (text: string) => string {
  return source === "assumed" ? colors.yellow : colors.green;
}

function formatValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function formatTokens(value: unknown): string {
  return typeof value === "number" ? value.toLocaleString("en-US") : "?";
}

function toStatusCell(status: "yes" | "no" | "unknown", colors: Colors): Cell {
  if (status === "unknown") return { text: "?", paint: colors.yellow };
  return { text: status, paint: status === "yes" ? colors.green : colors.red };
}
