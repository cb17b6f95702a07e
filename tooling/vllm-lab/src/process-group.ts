import { writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

export interface GroupMember {
  pid: number;
  /** Its command line, or the title that it gave itself ("VLLM::EngineCore"). */
  title: string;
}

/** The processes of a group that are alive, from /proc (Linux). Also those whose parent has died; not those that have ended but were not collected. */
export async function findGroupMembers(groupId: number): Promise<GroupMember[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name): Promise<GroupMember[]> => {
      try {
        const { state, groupId: itsGroup } = parseStat(await readFile(`/proc/${name}/stat`, "utf8"));
        if (itsGroup !== groupId || state === "Z" || state === "X") return [];
        const commandLine = await readFile(`/proc/${name}/cmdline`, "utf8");
        return [{ pid: Number(name), title: commandLine.replaceAll("\0", " ").trim() }];
      } catch {
        return []; // it has ended meanwhile
      }
    }),
  );
  return found.flat();
}

/** /proc/PID/stat: id, name, state, parent, group. The name is in brackets and may itself hold blanks and brackets. */
export function parseStat(stat: string): { state: string; groupId: number } {
  const [state = "", , groupId = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state, groupId: Number(groupId) };
}

/** Sends a signal and says whether there was anyone to receive it. A negative id means the process group. */
export function trySignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/**
 * Lets everything else on the machine go before a session (Linux; elsewhere nothing happens). vLLM's processes poll, and on two cores
 * they kept their readers from running for up to 25 s. `nice` does not help: Linux weighs whole sessions against each other.
 */
export function yieldToOtherSessions(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, "10");
  } catch {
    // a kernel without sessions in its scheduler, or a process that has ended
  }
}
