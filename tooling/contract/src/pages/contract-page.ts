import { pending } from "../pending.ts";
import { requirements, type RequirementId } from "../requirements/index.ts";
import { findVerifications, type Place } from "./find-verifications.ts";

interface SourceFile {
  path: string;
  text: string;
}

const COLUMNS: readonly (readonly [Place, string])[] = [
  ["msw", "msw"],
  ["fake", "fake"],
  ["real", "real vLLM"],
  ["own", "recorded bytes, own servers"],
];

const PARTS: readonly (readonly [prefix: string, title: string])[] = [
  ["client/", "Client"],
  ["discovery/", "Discovery"],
  ["agent/coderclaw/", "CoderClaw"],
  ["agent/openclaw/", "OpenClaw"],
];

/** `docs/contract.md`: every requirement, and on which servers a test verifies it. */
export function toContractPage(files: readonly SourceFile[]): string {
  const verified = new Map<string, Set<Place>>();
  for (const { path, text } of files) {
    for (const [id, place] of findVerifications(path, text))
      verified.set(id, (verified.get(id) ?? new Set()).add(place));
  }
  const ids = Object.keys(requirements) as RequirementId[];
  const countOf = (place: Place) => ids.filter((id) => verified.get(id)?.has(place)).length;
  const sections = PARTS.map(([prefix, title]) => {
    const rows = ids.filter((id) => id.startsWith(prefix)).map((id) => toRow(id, verified.get(id)));
    return [
      `## ${title}`,
      "",
      toCells(["", "requirement", ...COLUMNS.map(([, name]) => name)]),
      toCells(["---", "---", ...COLUMNS.map(() => ":-:")]),
      ...rows,
    ].join("\n");
  });
  return [
    "# What is promised, and where it is verified",
    "",
    "Written by `pnpm pages` from `tooling/contract/src/requirements` and the tests that cite them with `verifies()`; a test holds it.",
    "",
    `${ids.length} requirements. Verified against ${COLUMNS.map(([place, name]) => `${name}: ${countOf(place)}`).join(" · ")}. A real vLLM takes part in \`pnpm test:live\`.`,
    "",
    sections.join("\n\n"),
    "",
  ].join("\n");
}

function toRow(id: RequirementId, places: ReadonlySet<Place> | undefined): string {
  const requirement = requirements[id];
  const why = "unverified" in requirement ? ` _Not verified: ${requirement.unverified}_` : "";
  const open = pending.includes(id) ? " _Pending._" : "";
  const marks = COLUMNS.map(([place]) => (places?.has(place) === true ? "✔" : ""));
  return toCells([`\`${id}\``, escape(requirement.behaviour + why + open), ...marks]);
}

function toCells(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function escape(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");
}
