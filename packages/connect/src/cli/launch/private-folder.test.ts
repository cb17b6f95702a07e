import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPrivateFolder } from "./private-folder.ts";

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "private-folder-"));
  vi.stubEnv("TMPDIR", parent);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(parent, { recursive: true, force: true });
});

test("only this user can read it, and its files", async () => {
  const folder = createPrivateFolder();
  await folder.write({ "key.json": "{}" });
  const modes = await Promise.all([folder.path, join(folder.path, "key.json")].map((path) => stat(path)));
  expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600]);
  folder.remove();
  expect(await readdir(parent)).toEqual([]);
});

/** The name that a folder of this process would have if it had that PID and start. */
function nameWith(own: string, change: { pid?: number; start?: string; namespace?: string }): string {
  const [, namespace, pid, start] = /^vllm-connect-(\d+)-(\d+)-(\d+)-/.exec(own) ?? [];
  return `vllm-connect-${change.namespace ?? namespace}-${change.pid ?? pid}-${change.start ?? start}-abc123`;
}

async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid as number;
}

test("folders of processes that have ended are removed, and no others", async () => {
  const running = createPrivateFolder();
  const own = basename(running.path);
  const dead = nameWith(own, { pid: await endedPid() });
  const kept = [
    own,
    // Another container's, whose processes are not seen here.
    nameWith(own, { pid: await endedPid(), namespace: "1" }),
    "vllm-connect-notes",
    `${dead}-of-mine`,
  ];
  const removed = [dead];
  // A PID that was given out again can only be known with /proc.
  if (process.platform === "linux") removed.push(nameWith(own, { start: "1" }));
  for (const name of [...kept, ...removed]) await mkdir(join(parent, name), { recursive: true });
  await writeFile(join(parent, dead, "key.json"), "sk-left");
  const next = basename(createPrivateFolder().path);
  expect((await readdir(parent)).toSorted()).toEqual([...kept, next].toSorted());
});

test("a link in the place of a folder leads nowhere", async () => {
  const running = createPrivateFolder();
  const target = join(parent, "precious");
  await mkdir(target);
  await writeFile(join(target, "file"), "");
  await symlink(target, join(parent, nameWith(basename(running.path), { pid: await endedPid() })));
  createPrivateFolder();
  expect(await readdir(target)).toEqual(["file"]);
});

test("a folder that cannot be listed is no reason not to start", async () => {
  await chmod(parent, 0o300);
  const folder = createPrivateFolder();
  await chmod(parent, 0o700);
  expect(await readdir(parent)).toContain(basename(folder.path));
});
