/** docs/data/fleet.json */
export interface FleetData {
  recorded: string;
  vllm: string;
  /** By router, then by what was done. */
  runs: Record<string, Partial<FleetRuns>>;
}

export interface FleetRuns {
  restart: { requests: number; failed: Record<string, number>; slowestMs: number };
  drain: { requests: number; failed: Record<string, number>; slowestMs: number };
  kill: { streams: number; whole: number; resumed: number; same: number };
  /** Percent of the prompt tokens that came from the prefix cache. */
  cache: { kept: number; spread: number };
  down: { ms: number };
  /** Of one answer: with text before the server was killed, and the same as without. */
  single: { same: boolean; ms: number };
}

const MARKS = /(?<=<!-- fleet -->\n).*?(?=<!-- \/fleet -->)/s;

/** The page with the table of these figures between its marks. */
export function withTable(page: string, data: FleetData): string {
  return page.replace(MARKS, `\n${toTable(data)}\n`);
}

export function readTable(page: string): string {
  return MARKS.exec(page)?.[0] ?? "";
}

/** One line a run; `pnpm test:fleet` measures, and the formatter lines up. */
export function toTable({ recorded, vllm, runs }: FleetData): string {
  const lines = Object.entries(runs).flatMap(([router, { restart, drain, kill, cache, down, single }]) =>
    [
      ...(drain === undefined ? [] : [`both restarted in turn, with --shutdown-timeout | ${load(drain)}`]),
      ...(restart === undefined ? [] : [`both restarted in turn, without it | ${load(restart)}`]),
      ...(kill === undefined
        ? []
        : [
            `one killed (SIGKILL) under ${kill.streams} streams | ${kill.whole} whole answers, ${kill.resumed} of them resumed, ${kill.same} the same as without the kill`,
          ]),
      ...(cache === undefined
        ? []
        : [
            `8 conversations of 6 turns through the bridge | ${cache.kept} % of the prompt tokens from the cache; ${cache.spread} % without a session`,
          ]),
      ...(down === undefined ? [] : [`both down | said after ${seconds(down.ms)}`]),
      ...(single === undefined
        ? []
        : [
            `killed in the middle of an answer and started again | ${single.same ? "the answer is the same as without" : "another answer"}, ${seconds(single.ms)} in all`,
          ]),
    ].map((line) => `| ${router} | ${line} |`),
  );
  const head = ["| router | what happens | measured |", "| --- | --- | --- |"];
  return [`Measured on ${recorded} with vLLM ${vllm}, by \`pnpm test:fleet\`:`, "", ...head, ...lines].join("\n");
}

function load({ requests, failed, slowestMs }: FleetRuns["restart"]): string {
  const count = Object.values(failed).reduce((sum, number) => sum + number, 0);
  return `${count} of ${requests} requests failed; the slowest took ${seconds(slowestMs)}`;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
