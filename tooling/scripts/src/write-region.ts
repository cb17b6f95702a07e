import { readFileSync, writeFileSync } from "node:fs";

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
  return true;
}

/** Without the blanks by which a formatter aligns tables. */
function plain(text: string): string {
  return text.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");
}
