import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { repositoryRoot } from "./repository.ts";

/**
 * A part of a document that a script makes, between `<!-- name -->` and `<!-- /name -->`.
 *
 * @returns whether it says the same already, or was written
 */
export function writeRegion(file: string, name: string, text: string, isWriting: boolean): boolean {
  const document = readFileSync(file, "utf8");
  const begin = document.indexOf(`<!-- ${name} -->`);
  const end = document.indexOf(`<!-- /${name} -->`);
  if (begin === -1 || end < begin) throw new Error(`${file} has no region ${name}.`);
  const written = `${document.slice(0, begin)}<!-- ${name} -->\n\n${text}\n\n${document.slice(end)}`;
  if (!isWriting) return plain(document) === plain(written);
  writeFileSync(file, written);
  // Its tables are aligned, as the formatter's check wants them.
  const { status, stderr } = spawnSync(path.join(repositoryRoot, "node_modules/.bin/oxfmt"), [file], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${file} cannot be formatted:\n${stderr}`);
  return true;
}

/** Without the blanks by which a formatter aligns tables. */
function plain(text: string): string {
  return text.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");
}
