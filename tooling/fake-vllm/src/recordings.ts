import { listFixtures, loadFixture, type Fixture, type FixtureEntry } from "@vllm-tooling/fixtures";

/** The recorded answers of one server configuration, and those of its version where it has none of its own. */
export interface Recordings {
  /** `<version>/<config>`. */
  readonly config: string;
  readonly version: string;
  /** The `vllm serve` command of this configuration. */
  readonly command: string;
  /** The first of these names that was recorded: here, else with this version, else with another one. */
  find(names: readonly string[]): Fixture | undefined;
  /** As `find`, but there must be one. */
  get(...names: string[]): Fixture;
  /** What this very configuration answered on a path, whole exchanges only. */
  own(path: string): readonly Fixture[];
}

/** Tests start many servers of few configurations, and recordings never change. */
const known = new Map<string, Recordings>();

export function recordingsOf(config: string): Recordings {
  const recordings = known.get(config) ?? createRecordings(config);
  known.set(config, recordings);
  return recordings;
}

function createRecordings(config: string): Recordings {
  const all = listFixtures().filter((entry) => /^\d/.test(entry.version));
  const version = config.split("/")[0] ?? "";
  const isOwn = (entry: FixtureEntry) => `${entry.version}/${entry.config}` === config;
  const firstOwn = all.find(isOwn);
  if (!firstOwn) {
    const configs = [...new Set(all.map((entry) => `${entry.version}/${entry.config}`))];
    throw new Error(`Nothing was recorded with the configuration "${config}". There is ${configs.join(", ")}.`);
  }
  const tiers = [
    all.filter(isOwn),
    all
      .filter((entry) => entry.version === version)
      .toSorted((a, b) => likeness(b.config, firstOwn.config) - likeness(a.config, firstOwn.config)),
    all.toSorted((a, b) => compareVersions(b.version, a.version)),
  ];

  const ownByPath = new Map<string, readonly Fixture[]>();

  function find(names: readonly string[]): Fixture | undefined {
    for (const tier of tiers) {
      for (const name of names) {
        const entry = tier.find((candidate) => candidate.name === name);
        if (entry) return loadFixture(entry.id);
      }
    }
    return undefined;
  }

  return {
    config,
    version,
    command: loadFixture(firstOwn.id).provenance.command,
    find,
    get(...names) {
      const fixture = find(names);
      if (!fixture) throw new Error(`No recording of any version is named ${names.join(" or ")}.`);
      return fixture;
    },
    own(path) {
      const entries = tiers[0]?.filter((entry) => entry.path === path && entry.end === "complete") ?? [];
      const fixtures = ownByPath.get(path) ?? entries.map((entry) => loadFixture(entry.id));
      ownByPath.set(path, fixtures);
      return fixtures;
    },
  };
}

/** The better stand-ins come from the same series of recordings, and are plain: no aliases, no sleep mode. */
function likeness(config: string, own: string): number {
  const isSameSeries = isOfLab(config) === isOfLab(own);
  return (isSameSeries ? 10 : 0) + ["tools-hermes", "old", "small", "hermes-qwen3", "lab"].indexOf(config);
}

function isOfLab(config: string): boolean {
  return /^(?:lab|leak)(?:-|$)/.test(config);
}

/** Numeric order of version texts: 0.9.2 before 0.10.2. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(".").map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
