import type { System } from "./system.ts";

/** The names that go with user ids. */
export async function readUserNames(system: System): Promise<(uid: number) => string> {
  const text = (await system.readText("/etc/passwd")) ?? "";
  const names = new Map(
    text.split("\n").flatMap((line): [number, string][] => {
      const [name = "", , uid = ""] = line.split(":");
      return name === "" || uid === "" ? [] : [[Number(uid), name]];
    }),
  );
  return (uid) => names.get(uid) ?? `user ${uid}`;
}
