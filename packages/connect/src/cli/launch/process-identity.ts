import { readFileSync, readlinkSync } from "node:fs";

/**
 * A process in the name of a file: its PID namespace, PID and start time. A number that the system gives out again, in this boot or the next,
 * then names another one. Without /proc only the PID counts.
 */
export function identityOf(pid: number): string {
  return [namespaceOf(), pid, startOf(pid) ?? 0].join("-");
}

/** False when nothing can be said: it may be another container's. */
export function hasEnded(identity: string): boolean {
  const [namespace = "", pid = "", start = ""] = identity.split("-");
  if (namespace !== namespaceOf()) return false;
  if (!isRunning(Number(pid))) return true;
  const startNow = startOf(Number(pid));
  return startNow !== undefined && startNow !== start;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process cannot be signalled.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** In clock ticks since boot, the 22nd field of proc(5)'s stat; the second one may contain blanks and brackets. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function namespaceOf(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  } catch {
    return "0";
  }
}
