import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { fileError, systemCode } from "./file-error.ts";

const STALE_MS = 30_000;
/** A lock that only this package takes. It appears with its content, or (without hard links) gets it in the next moment. */
const OWN_LOCK = ".vllm-connect.lock";
const OWN_EMPTY_MS = 1000;
/** The work under a lock takes milliseconds: who waits for longer than 3 to 6 s waits for nobody, and wants to know. */
const RETRIES = 6;
const FIRST_DELAY_MS = 50;

/** Tests shorten the waits. */
export interface FileLockTimes {
  firstDelayMs: number;
  retries: number;
}

export interface HeldLock {
  /** Writes a file by a temporary one and a rename, mode 0600. The lock names the temporary file: whoever finds it dead removes both. */
  write(path: string, content: string | Uint8Array): Promise<void>;
}

/**
 * Runs `work` while holding `<path>.lock` by the agents' own scheme, so that agents and this package wait for each other: created with `wx`,
 * content `{pid, createdAt}`, stale after 30 s or when the process is gone (agent rule: `plugin-sdk/file-lock.ts`).
 *
 * @throws {ConfigError} when the lock stays held for some seconds. `work` is then never run.
 */
export async function withFileLock<Result>(
  path: string,
  work: (lock: HeldLock) => Promise<Result>,
  times: FileLockTimes = { firstDelayMs: FIRST_DELAY_MS, retries: RETRIES },
): Promise<Result> {
  const lockPath = `${path}.lock`;
  let own = await acquire(lockPath, path, times);
  try {
    return await work({
      async write(target, content) {
        const data = typeof content === "string" ? content : Buffer.from(content);
        await writeFileAtomic(target, data, {
          mode: 0o600,
          async tmpfileCreated(temporary) {
            const next = toContent({ ...own.holder, temporary });
            if (await replaceContent(lockPath, own.content, next)) own = { ...own, content: next };
          },
        });
      },
    });
  } finally {
    // A run that was stopped for longer than a lock is good for may find another's lock at its place.
    await removeLock(lockPath, own.content);
  }
}

interface Holder {
  pid: number;
  createdAt: string;
  /** A file that is being written. */
  temporary?: string | undefined;
}

function toContent(holder: Holder): string {
  return JSON.stringify(holder, null, 2);
}

async function acquire(
  lockPath: string,
  path: string,
  times: FileLockTimes,
): Promise<{ holder: Holder; content: string }> {
  for (let attempt = 0; ; attempt += 1) {
    const holder = { pid: process.pid, createdAt: new Date().toISOString() };
    const content = toContent(holder);
    if (await create(lockPath, content)) return { holder, content };
    await removeIfStale(lockPath);
    if (await create(lockPath, content)) return { holder, content };
    if (attempt >= times.retries) throw stillHeld(lockPath, path, await readHolder(lockPath));
    const delayMs = times.firstDelayMs * 2 ** attempt * (1 + Math.random());
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

/** The lock appears with its content: one of ours that is empty was never held. */
async function create(lockPath: string, content: string): Promise<boolean> {
  const draft = `${lockPath}.${process.pid}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { mode: 0o600, flag: "wx" });
    await link(draft, lockPath);
    return true;
  } catch (cause) {
    if (systemCode(cause) === "EEXIST") return false;
    if (LINKLESS.has(systemCode(cause) ?? "")) return createWithoutLink(lockPath, content);
    throw cannotLock(lockPath, cause);
  } finally {
    await rm(draft, { force: true });
  }
}

/** File systems without hard links: some network drives, and FAT. */
const LINKLESS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

async function createWithoutLink(lockPath: string, content: string): Promise<boolean> {
  try {
    const handle = await open(lockPath, "wx", 0o600);
    try {
      await handle.writeFile(content);
    } catch (cause) {
      await rm(lockPath, { force: true });
      throw cause;
    } finally {
      await handle.close();
    }
    return true;
  } catch (cause) {
    if (systemCode(cause) === "EEXIST") return false;
    throw cannotLock(lockPath, cause);
  }
}

function cannotLock(lockPath: string, cause: unknown): Error {
  const code = systemCode(cause) ?? "unknown error";
  return fileError({
    message: `The lock ${lockPath} cannot be made (${code}).`,
    hint:
      code === "ENOSPC"
        ? "The disk is full; nothing was written."
        : "Make the directory writable for the user who runs the agent; nothing was written.",
    received: code,
    accepted: "a writable directory",
    cause,
  });
}

async function removeIfStale(lockPath: string): Promise<void> {
  const content = await readFile(lockPath, "utf8").catch(() => undefined);
  if (content === undefined || !(await isStale(lockPath, content))) return;
  const { temporary } = parseHolder(content) ?? {};
  if ((await removeLock(lockPath, content)) && isBeside(lockPath, temporary)) await rm(temporary, { force: true });
}

/** A lock says what it likes: only a file in its own folder is removed, and never a lock. */
function isBeside(lockPath: string, temporary: unknown): temporary is string {
  return (
    typeof temporary === "string" &&
    isAbsolute(temporary) &&
    dirname(temporary) === dirname(lockPath) &&
    /\.\d{1,20}$/.test(temporary)
  );
}

/**
 * Removes the lock that was seen, and no other: it is moved away first, and moved back where another has taken its place. Its number
 * (inode) would not tell: the next file may get the same.
 */
async function removeLock(lockPath: string, seen: string): Promise<boolean> {
  if ((await readFile(lockPath, "utf8").catch(() => undefined)) !== seen) return false;
  const aside = `${lockPath}.${process.pid}.${randomUUID()}`;
  try {
    await rename(lockPath, aside);
  } catch {
    return false;
  }
  const isSeen = (await readFile(aside, "utf8").catch(() => undefined)) === seen;
  if (!isSeen) await link(aside, lockPath).catch(() => {});
  await rm(aside, { force: true });
  return isSeen;
}

async function replaceContent(lockPath: string, seen: string, next: string): Promise<boolean> {
  if ((await readFile(lockPath, "utf8").catch(() => undefined)) !== seen) return false;
  const draft = `${lockPath}.${process.pid}.${randomUUID()}`;
  try {
    await writeFile(draft, next, { mode: 0o600, flag: "wx" });
    await rename(draft, lockPath);
    return true;
  } catch {
    await rm(draft, { force: true });
    return false;
  }
}

async function isStale(lockPath: string, content: string): Promise<boolean> {
  const held = parseHolder(content);
  if (held === undefined) {
    // An agent is writing it at this moment, or its writer died in that moment, or the disk was full: only its age tells.
    const modifiedMs = await stat(lockPath).then(
      (status) => status.mtimeMs,
      () => Date.now(),
    );
    return Date.now() - modifiedMs > (lockPath.endsWith(OWN_LOCK) ? OWN_EMPTY_MS : STALE_MS);
  }
  const createdMs = Date.parse(held.createdAt);
  return !isAlive(held.pid) || !Number.isFinite(createdMs) || Date.now() - createdMs > STALE_MS;
}

async function readHolder(lockPath: string): Promise<Holder | undefined> {
  return parseHolder(await readFile(lockPath, "utf8").catch(() => ""));
}

function parseHolder(content: string): Holder | undefined {
  try {
    const { pid, createdAt, temporary } = JSON.parse(content) as Partial<Record<keyof Holder, unknown>>;
    if (typeof pid !== "number" || typeof createdAt !== "string") return undefined;
    return { pid, createdAt, ...(typeof temporary === "string" ? { temporary } : {}) };
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

function stillHeld(lockPath: string, lockedPath: string, holder: Holder | undefined): Error {
  const path = lockedPath.replace(/\.vllm-connect$/, "");
  const message =
    holder === undefined
      ? `Another program holds the lock of ${path}, or was killed while it made it: ${lockPath} does not say whose it is.`
      : `Another program holds the lock of ${path}: process ${holder.pid}, since ${holder.createdAt.slice(0, 30)}.`;
  return fileError({
    message,
    hint: `Wait until it is done and try again. If no program is at work, delete ${lockPath}. Nothing was written.`,
    received: "a held lock",
    accepted: "a free one",
  });
}
