import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open, readlink, realpath } from "node:fs/promises";
import path from "node:path";
import { ToolError } from "../tool.ts";

/** A place inside the folder: where it really is, and how it is shown (relative, forward slashes; the folder itself is `.`). */
interface Place {
  realPath: string;
  shownPath: string;
}

/** The one folder the file tools may look at. */
export interface Folder {
  root: string;
  /**
   * A path as the model wrote it → a place that is really inside the folder, symbolic links followed.
   *
   * @throws {ToolError} when it is outside, does not exist, or cannot be reached.
   */
  resolve(given: string): Promise<Place>;
  /**
   * Opens a real path for reading, without waiting for a pipe. What was opened is checked again: since `resolve`, a folder on the way
   * may have been replaced by a link.
   *
   * @throws {ToolError} when it is outside.
   */
  open(realPath: string): Promise<FileHandle>;
  /**
   * Reads something of a folder by a path that stays with the folder that was found, whatever takes its place meanwhile. Where the
   * system has no such path, it is looked afterwards whether the folder is still inside.
   *
   * @throws {ToolError} when it is outside.
   */
  read<Result>(realPath: string, work: (path: string) => Promise<Result>): Promise<Result>;
}

/** @param folder an existing folder; the tools never leave it. */
export async function openFolder(folder: string): Promise<Folder> {
  const root = await realpath(folder);
  const refuseOutside = (found: string, realPath: string) => {
    if (!isInside(root, found)) throw outside(toShown(root, realPath));
  };
  return {
    root,
    async resolve(given) {
      const wanted = path.resolve(root, toRelative(given, root));
      if (!isInside(root, wanted)) throw outside(given);
      const realPath = await realpath(wanted).catch((error: NodeJS.ErrnoException) => {
        throw unreachable(given, error.code);
      });
      if (!isInside(root, realPath)) throw outside(given);
      return { realPath, shownPath: toShown(root, wanted) };
    },
    open: openInside,
    async read(realPath, work) {
      const opened = await openInside(realPath);
      try {
        const held = `/proc/self/fd/${opened.fd}`;
        const isHeld = await readlink(held).then(
          () => true,
          () => false,
        );
        const result = await work(isHeld ? held : realPath);
        if (!isHeld) refuseOutside(await realpath(realPath), realPath);
        return result;
      } finally {
        await opened.close();
      }
    },
  };

  async function openInside(realPath: string): Promise<FileHandle> {
    const file = await open(realPath, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      refuseOutside(await findOpened(file, realPath), realPath);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }
}

/** Where an open file is: Linux tells; elsewhere the path is followed once more. */
function findOpened(file: FileHandle, realPath: string): Promise<string> {
  return readlink(`/proc/self/fd/${file.fd}`).catch(() => realpath(realPath));
}

/** Whether `inner` is `root` or below it. Both absolute. */
function isInside(root: string, inner: string): boolean {
  const relative = path.relative(root, inner);
  return relative === "" || (relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative));
}

/** Relative to the folder, with forward slashes. */
export function toShown(root: string, inside: string): string {
  return path.relative(root, inside).split(path.sep).join("/") || ".";
}

function toRelative(given: string, root: string): string {
  const trimmed = given.trim();
  if (trimmed.includes("\0")) throw new ToolError("A path holds no NUL character.");
  if (trimmed === "") return ".";
  if (path.isAbsolute(trimmed) && !isInside(root, path.resolve(trimmed))) throw outside(given);
  return trimmed;
}

function outside(given: string): ToolError {
  return new ToolError(`${shorten(given)} is outside the folder. Use a path inside it, such as "." or "src".`);
}

function unreachable(given: string, code: string | undefined): ToolError {
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new ToolError(`${shorten(given)} does not exist. list_files shows what is there.`);
  }
  if (code === "ELOOP") return new ToolError(`${shorten(given)} is a link that leads back to itself.`);
  return new ToolError(`${shorten(given)} cannot be opened${code === undefined ? "" : ` (${code})`}.`);
}

function shorten(given: string): string {
  return JSON.stringify(given.length > 200 ? `${given.slice(0, 200)}...` : given);
}
