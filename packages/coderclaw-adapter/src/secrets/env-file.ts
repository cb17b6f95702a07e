import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { withFileLock } from "../config-file/file-lock.ts";
import { followLinks, readBytes } from "../config-file/read-bytes.ts";

/** The value of `name` in the text of a `.env` file; undefined when it is not there or blank. */
export function readVariable(text: string, name: string): string | undefined {
  const found = [...text.matchAll(lineOf(name))].at(-1)?.[2]?.trim();
  const value = found === undefined ? undefined : unquote(found);
  return value === "" ? undefined : value;
}

/** The text with `name` set. Other lines stay as they are; an equal value changes nothing. */
export function setVariable(text: string, name: string, value: string): string {
  if (readVariable(text, name) === value) return text;
  const line = `${name}=${quote(value)}`;
  const last = [...text.matchAll(lineOf(name))].at(-1);
  if (last !== undefined) {
    const start = last.index + (last[1]?.length ?? 0);
    return text.slice(0, start) + line + text.slice(last.index + last[0].length);
  }
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  return `${text}${text === "" || text.endsWith("\n") ? "" : lineEnd}${line}${lineEnd}`;
}

/**
 * Sets a variable in an agent's `.env` file, atomically, mode 0600.
 *
 * @returns whether the file was changed.
 */
export async function saveVariable(path: string, name: string, value: string): Promise<boolean> {
  const realPath = await followLinks(path);
  await mkdir(dirname(realPath), { recursive: true, mode: 0o700 });
  return withFileLock(`${realPath}.vllm-connect`, async (lock) => {
    const text = (await readBytes(realPath))?.toString() ?? "";
    const next = setVariable(text, name, value);
    if (next === text) return false;
    await lock.write(realPath, next);
    return true;
  });
}

function lineOf(name: string): RegExp {
  return new RegExp(`^([ \\t]*(?:export[ \\t]+)?)${name}[ \\t]*=([^\\r\\n]*)`, "gm");
}

function quote(value: string): string {
  if (/^[A-Za-z0-9_./:@+=-]+$/.test(value)) return value;
  const mark = ["'", "`", '"'].find((candidate) => !value.includes(candidate)) ?? '"';
  return `${mark}${value}${mark}`;
}

function unquote(value: string): string {
  const quoted = /^(['"`])(.*)\1/.exec(value);
  return quoted === null ? value.replace(/(?<!\s)\s+#.*$/s, "") : (quoted[2] as string);
}
