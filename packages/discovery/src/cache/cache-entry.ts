import type { ServerReport } from "../report/server-report.ts";
import type { LearnedFact } from "./learned-facts.ts";

/** What a cache keeps about one server. Plain data without secrets: it may go to disk. */
export interface CacheEntry {
  /** Version of this layout. */
  format: 1;
  /** The last report whose model list was good. */
  report: ServerReport;
  learned: readonly LearnedFact[];
  /** ms since 1970. */
  savedAt: number;
}

/** Keeps entries beyond the life of a process. Failures are the store's own affair: a cache that cannot be read is empty. */
export interface DiscoveryStore {
  read(key: string): Promise<unknown>;
  write(key: string, entry: CacheEntry): Promise<void>;
}

/** A value out of a store → an entry, or undefined for anything that is none: another layout, a torn or edited file. */
export async function readCacheEntry(value: unknown): Promise<CacheEntry | undefined> {
  if (typeof value !== "object" || value === null) return undefined;
  const { format, report, learned, savedAt } = value as Partial<CacheEntry>;
  if (format !== 1 || typeof savedAt !== "number" || !Array.isArray(learned)) return undefined;
  if (typeof report !== "object" || report === null || !Array.isArray(report.models) || report.models.length === 0)
    return undefined;
  // Only who keeps a store pays for zod.
  const { modelProfileSchema } = await import("@vllm/schema");
  const isSound = report.models.every(
    (model) =>
      typeof model?.id === "string" &&
      Array.isArray(model.aliases) &&
      modelProfileSchema.safeParse(model.profile).success,
  );
  if (!isSound || typeof report.apiRoot !== "string" || typeof report.checkedAt !== "number") return undefined;
  return { format, report: { ...report, error: undefined }, learned, savedAt };
}

/** An entry as it is kept: the error's stack and what the questions were is of no use later. */
export function toCacheEntry(report: ServerReport, learned: readonly LearnedFact[], savedAt: number): CacheEntry {
  return { format: 1, report: { ...report, error: undefined, asked: [] }, learned, savedAt };
}
