import type { System } from "./system.ts";

const LISTENING = "0A";

/** User ids by port, of everything that listens on this machine; undefined where the system does not show it (only Linux does). */
export async function readSocketOwners(system: System): Promise<ReadonlyMap<number, number> | undefined> {
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((path) => system.readText(path)));
  if (tables[0] === undefined) return undefined;
  const owners = new Map<number, number>();
  for (const line of tables.join("\n").split("\n")) {
    const [, local = "", , state, , , , uid = ""] = line.trim().split(/\s+/);
    const port = Number.parseInt(local.split(":")[1] ?? "", 16);
    if (state === LISTENING && Number.isInteger(port) && /^\d+$/.test(uid)) owners.set(port, Number(uid));
  }
  return owners;
}
