import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { EngineJob, EngineTurn } from "./engine-turn.ts";

const PROGRAM = fileURLToPath(new URL("engine-turn.ts", import.meta.url));

/** One turn of the engine in a scratch folder with a `notes.txt`, in a process of its own: the engine replaces the process's `fetch` agent. */
export async function runEngine(job: EngineJob): Promise<EngineTurn> {
  const folder = await mkdtemp(join(tmpdir(), "engine-"));
  await writeFile(join(folder, "notes.txt"), "the sky is green\n");
  try {
    const child = spawn(process.execPath, [PROGRAM], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.end(JSON.stringify(job));
    const [said, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (said === "") throw new Error(`The engine did not start: ${complaint.slice(-2000)}`);
    const turn = JSON.parse(said) as EngineTurn;
    return { ...turn, files: turn.files.filter((name) => name !== "notes.txt") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a person would say about a turn, for the table. */
export function describeTurn(turn: EngineTurn): string {
  const last = turn.answers.at(-1);
  const { usage } = last ?? {};
  return [
    turn.gaveUp ? `still waiting after ${seconds(turn.durationMs)} s` : undefined,
    turn.ran.length === 0 ? undefined : `ran ${turn.ran.map((call) => `\`${shorten(call, 70)}\``).join(", ")}`,
    turn.files.length === 0 ? undefined : `made ${turn.files.join(", ")}`,
    last?.errorMessage === undefined
      ? undefined
      : `${last.stopReason} after ${seconds(turn.durationMs)} s: \`${shorten(last.errorMessage, 260)}\`${last.isOverflow ? " (overflow recognised)" : ""}`,
    turn.shown === "" ? undefined : `shows ${JSON.stringify(shorten(turn.shown.trim(), 80))}`,
    last !== undefined && last.errorMessage === undefined ? `stop reason ${last.stopReason}` : undefined,
    usage === undefined || usage.totalTokens === 0 ? undefined : `${usage.input}+${usage.output} tokens`,
  ]
    .filter((part) => part !== undefined)
    .join("; ");
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function shorten(value: string, most: number): string {
  const line = value.replaceAll(/\s+/g, " ").replaceAll("|", String.raw`\|`);
  return line.length <= most ? line : `${line.slice(0, most)}…`;
}
