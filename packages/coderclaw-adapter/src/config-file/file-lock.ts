import { open, readFile, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileError, systemCode } from "./file-error.ts";

const STALE_MS = 30_000;
const RETRIES = 10;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;

/** Tests shorten the waits. */
export interface FileLockTimes {
  firstDelayMs: number;
  retries: number;
}

/**
 * Runs `work` while holding `<path>.lock` by the agents' own scheme, so that agents and this package wait for each other: created with `wx`,
 * content `{pid, createdAt}`, 10 retries from 100 ms on, stale after 30 s or when the process is gone (agent rule: `plugin-sdk/file-lock.ts`).
 *
 * @throws {ConfigError} when the lock stays held. `work` is then never run.
 */
export async function withFileLock<Result>(
  path: string,
  work: () => Promise<Result>,
  times: FileLockTimes = { firstDelayMs: FIRST_DELAY_MS, retries: RETRIES },
): Promise<Result> {
  const lockPath = `${path}.lock`;
  await acquire(lockPath, path, times);
  try {
    return await work();
  } finally {
    await rm(lockPath, { force: true });
  }
}

async function acquire(lockPath: string, path: string, times: FileLockTimes): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    if (await create(lockPath)) return;
    await removeIfStale(lockPath);
    if (await create(lockPath)) return;
    if (attempt >= times.retries) throw stillHeld(lockPath, path);
    const delay = Math.min(LONGEST_DELAY_MS, times.firstDelayMs * 2 ** attempt);
    await sleep(Math.min(LONGEST_DELAY_MS, delay * (1 + Math.random())));
  }
}

async function create(lockPath: string): Promise<boolean> {
  let handle;
  try {
    handle = await open(lockPath, "wx", 0o600);
  } catch (cause) {
    if (systemCode(cause) === "EEXIST") return false;
    throw fileError({
      message: `The lock ${lockPath} cannot be made (${systemCode(cause) ?? "unknown error"}).`,
      hint: "Make the directory writable for the user who runs the agent; nothing was written.",
      received: systemCode(cause) ?? "an error",
      accepted: "a writable directory",
      cause,
    });
  }
  try {
    await handle.writeFile(JSON.stringify({ pid: process.pid, createdAt: new Date().toISOString() }, null, 2));
  } finally {
    await handle.close();
  }
  return true;
}

async function removeIfStale(lockPath: string): Promise<void> {
  const seen = await stat(lockPath).catch(() => undefined);
  if (seen === undefined || !(await isStale(lockPath, seen.mtimeMs))) return;
  const current = await stat(lockPath).catch(() => undefined);
  if (current?.ino === seen.ino) await rm(lockPath, { force: true });
}

async function isStale(lockPath: string, modifiedMs: number): Promise<boolean> {
  const held = await readHolder(lockPath);
  // A lock without content is being written at this moment, or its writer died in that moment: only its age tells.
  if (held === undefined) return Date.now() - modifiedMs > STALE_MS;
  const createdMs = Date.parse(held.createdAt);
  return !isAlive(held.pid) || !Number.isFinite(createdMs) || Date.now() - createdMs > STALE_MS;
}

async function readHolder(lockPath: string): Promise<{ pid: number; createdAt: string } | undefined> {
  try {
    const { pid, createdAt } = JSON.parse(await readFile(lockPath, "utf8")) as { pid?: unknown; createdAt?: unknown };
    return typeof pid === "number" && typeof createdAt === "string" ? { pid, createdAt } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

function stillHeld(lockPath: string, path: string): Error {
  return fileError({
    message: `Another program holds the lock of ${path}.`,
    hint: `Wait until it is done and try again. If no program is at work, delete ${lockPath}. Nothing was written.`,
    received: "a held lock",
    accepted: "a free one",
  });
}
