import type { Colors } from "../terminal/colors.ts";
import type { Load } from "./load.ts";

const BAR = 20;

/** The load in one line each. */
export function renderLoad(load: Load, colors: Colors): string[] {
  const { running, waiting = 0, engines, preemptions = 0 } = load;
  const queue = waiting === 0 ? "none waiting" : colors.yellow(`${waiting} waiting`);
  const sleeping = load.isSleeping === true ? ` ${colors.yellow("· asleep")}` : "";
  const cache = load.kvCacheTokens === undefined ? "" : colors.dim(` of ${round(load.kvCacheTokens)} tokens`);
  const rows: [string, string][] = [
    ["requests", `${running ?? "?"} running, ${queue}${engines > 1 ? ` on ${engines} engines` : ""}${sleeping}`],
    ["tokens/s", `${round(load.promptTokens)} in, ${round(load.generationTokens)} out`],
    ["KV cache", `${bar(load.kvCacheUsage)} ${percent(load.kvCacheUsage)}${cache}`],
    ["prefix cache", `${percent(load.prefixHitRate)} of the prompt tokens`],
    ["first token", load.firstTokenSeconds === undefined ? "?" : `${load.firstTokenSeconds.toFixed(2)} s`],
    ["preempted", preemptions === 0 ? "0" : colors.yellow(`${round(preemptions)} since the start`)],
  ];
  return rows.map(([name, text]) => `  ${colors.dim(name.padEnd(12))}  ${text}`);
}

function bar(share = 0): string {
  const full = Math.round(Math.min(1, share) * BAR);
  return `${"█".repeat(full)}${"░".repeat(BAR - full)}`;
}

function percent(share: number | undefined): string {
  return share === undefined ? "?" : `${Math.round(share * 100)} %`;
}

function round(number: number | undefined): string {
  return number === undefined ? "?" : Math.round(number).toLocaleString("en-US");
}
