import type { System } from "./system.ts";

/** Address of the default gateway: in a container and in WSL that is the machine outside. Only Linux shows it. */
export async function readDefaultGateway(system: System): Promise<string | undefined> {
  const table = (await system.readText("/proc/net/route")) ?? "";
  for (const line of table.split("\n")) {
    const [, destination, gateway = ""] = line.trim().split(/\s+/);
    if (destination !== "00000000" || !/^[\dA-F]{8}$/i.test(gateway) || gateway === "00000000") continue;
    // Little-endian.
    return (gateway.match(/../g) ?? [])
      .toReversed()
      .map((byte) => Number.parseInt(byte, 16))
      .join(".");
  }
  return undefined;
}
