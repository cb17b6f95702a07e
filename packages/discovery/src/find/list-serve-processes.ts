import type { ServeProcess } from "./serve-process.ts";
import { readServeCommand } from "./serve-process.ts";
import type { System } from "./system.ts";

/** The running `vllm serve` processes of all users, as far as the system shows them. */
export function listServeProcesses(system: System): Promise<ServeProcess[]> {
  return system.platform === "linux" ? fromProc(system) : fromPs(system);
}

async function fromProc(system: System): Promise<ServeProcess[]> {
  const ids = (await system.list("/proc")).filter((name) => /^\d+$/.test(name));
  const ownNetwork = await system.readLink("/proc/self/ns/net");
  const found = await Promise.all(
    ids.map(async (id): Promise<ServeProcess | undefined> => {
      const text = await system.readText(`/proc/${id}/cmdline`);
      const baseUrl = text === undefined ? undefined : readServeCommand(text.split("\0"));
      if (baseUrl === undefined) return undefined;
      // A container's loopback is not ours; its published port is found as a port.
      const network = await system.readLink(`/proc/${id}/ns/net`);
      if (network !== undefined && network !== ownNetwork) return undefined;
      return { pid: Number(id), baseUrl, user: await system.ownerOf(`/proc/${id}`) };
    }),
  );
  return found.filter((process) => process !== undefined);
}

/** macOS and other Unix systems. */
async function fromPs(system: System): Promise<ServeProcess[]> {
  if (system.platform === "win32") return [];
  const text = (await system.run("ps", ["-axww", "-o", "pid=,user=,args="])) ?? "";
  return text.split("\n").flatMap((line) => {
    const [, pid, user, command = ""] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    const baseUrl = readServeCommand(command.split(/\s+/));
    return baseUrl === undefined ? [] : [{ pid: Number(pid), baseUrl, user }];
  });
}
