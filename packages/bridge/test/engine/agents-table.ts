import { appendFileSync } from "node:fs";
import type { Bridge, BridgeOptions } from "../../src/index.ts";
import { startBridge } from "../bridge-harness.ts";
import type { EngineJob, EngineTurn } from "./engine-turn.ts";
import { describeTurn, runEngine } from "./run-engine.ts";

export interface Both {
  direct: EngineTurn;
  bridged: EngineTurn;
}

export interface MeasureOptions {
  scenario: string;
  /** Where vLLM is; one that does not survive the turn is started for each. */
  baseUrl: string | (() => Promise<string>);
  job: Omit<EngineJob, "engineFolder" | "baseUrl">;
  bridge?: BridgeOptions;
  /** Done before each of the two turns, with the address that the engine will ask. */
  before?: (way: "direct" | "bridged") => Promise<void> | void;
  /** Done while each of the two turns is running. */
  during?: (way: "direct" | "bridged") => Promise<void> | void;
}

/**
 * Turns of the engine, each twice: direct and through the bridge as `vllm-connect bridge` starts it. The rows are added to the Markdown
 * file that `AGENTS_TABLE` names.
 */
export interface AgentsTable {
  measure(options: MeasureOptions): Promise<Both>;
}

export function createAgentsTable(engineFolder: string, title: string): AgentsTable {
  const file = process.env["AGENTS_TABLE"];
  const write = (line: string) => file !== undefined && appendFileSync(file, `${line}\n`);
  write(`\n${title}\n\n| scenario | CoderClaw's engine | engine through the bridge |\n|---|---|---|`);
  return {
    async measure({ scenario, baseUrl, job, bridge: options, before, during }) {
      const turns: Partial<Both> = {};
      for (const way of ["direct", "bridged"] as const) {
        await before?.(way);
        const upstream = typeof baseUrl === "string" ? baseUrl : await baseUrl();
        const bridge: Bridge | undefined =
          way === "bridged"
            ? await startBridge({ upstream, reasoningTokens: "drop", probeStrictTools: false, ...options })
            : undefined;
        const running = runEngine({ ...job, engineFolder, baseUrl: bridge?.baseUrl ?? upstream });
        await Promise.all([running, during?.(way)]);
        turns[way] = await running;
        bridge?.close();
        bridge?.closeAllConnections();
      }
      const { direct, bridged } = turns as Both;
      write(`| ${scenario} | ${describeTurn(direct)} | ${describeTurn(bridged)} |`);
      return { direct, bridged };
    },
  };
}

/** The last answer of a turn. */
export function lastOf({ answers }: EngineTurn): NonNullable<EngineTurn["answers"][number]> {
  const last = answers.at(-1);
  if (last === undefined) throw new Error("The engine gave no answer.");
  return last;
}
