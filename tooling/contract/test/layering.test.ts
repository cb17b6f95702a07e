import { builtinModules } from "node:module";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { importsOf, loadsOf, nameOf, packageOf, readPackages, readSources, type SourceFile } from "./workspace.ts";

/** What each package may import from the workspace, as README.md draws it. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  "@vllm/schema": [],
  "@vllm/discovery": ["@vllm/schema", "@vllm/transport"],
  "@vllm/transport": ["@vllm/schema"],
  "@vllm/client": ["@vllm/transport", "@vllm/schema"],
  "@vllm/bridge": ["@vllm/schema", "@vllm/transport", "@vllm/discovery", "@vllm/client"],
  "@vllm/ai-sdk-provider": ["@vllm/schema", "@vllm/client"],
  "@vllm/coderclaw-adapter": ["@vllm/schema", "@vllm/discovery", "@vllm/client"],
  "@vllm/connect": [
    "@vllm/schema",
    "@vllm/transport",
    "@vllm/discovery",
    "@vllm/client",
    "@vllm/bridge",
    "@vllm/coderclaw-adapter",
  ],
  "example-agent": [
    "@vllm/schema",
    "@vllm/transport",
    "@vllm/discovery",
    "@vllm/client",
    "@vllm/bridge",
    "@vllm/ai-sdk-provider",
    "@vllm/coderclaw-adapter",
  ],
};

const packages = readPackages();
const files = packages.flatMap(readSources);
const isOurs = (name: string) =>
  name.startsWith("@vllm/") || name.startsWith("@vllm-tooling/") || name === "example-agent";

function importsOfOurs(file: SourceFile): string[] {
  return importsOf(file.text).filter(
    (specifier) => isOurs(packageOf(specifier)) && packageOf(specifier) !== file.owner.manifest.name,
  );
}

function complaints(check: (file: SourceFile) => readonly string[]): string[] {
  return files.flatMap((file) => check(file).map((problem) => `${nameOf(file)} ${problem}`));
}

/** Programs of somebody else, for the packed packages: each is copied to a folder that has them and everything else it imports. */
const FOREIGN: ReadonlySet<string> = new Set([
  "packages/bridge/test/frameworks/reasoning.mjs",
  "tooling/scripts/runtimes/flow.mjs",
]);

/** Folders that stand above a file at the root: `@vllm/client/run` works with any client. */
const ABOVE: ReadonlySet<string> = new Set(["packages/client/src/run src/create-vllm-client.ts"]);

/** Packages that are put into the build, so that whoever installs ours does not install them. */
const BUILT_IN: Readonly<Record<string, readonly string[]>> = { "@vllm/discovery": ["ky"] };

describe("the arrows between packages", () => {
  test("a package imports only the packages that an arrow leads to", () => {
    const found = complaints((file) => {
      const allowed = arrows[file.owner.manifest.name];
      if (!allowed) return [];
      return importsOfOurs(file)
        .filter((specifier) => specifier.startsWith("@vllm/") && !allowed.includes(packageOf(specifier)))
        .map(
          (specifier) =>
            `imports ${specifier}, but no arrow leads from ${file.owner.manifest.name} to ${packageOf(specifier)}. ` +
            `It may import ${allowed.join(", ") || "none of our packages"}. Shapes and errors that both need belong in @vllm/schema; ` +
            `what the caller knows comes in as a plain value.`,
        );
    });
    expect(found).toEqual([]);
  });

  test("tooling never imports @vllm/*: the fake and the code under test share no schema", () => {
    const found = complaints((file) =>
      file.owner.folder.startsWith("tooling/") && !FOREIGN.has(nameOf(file))
        ? importsOfOurs(file)
            .filter((specifier) => specifier.startsWith("@vllm/"))
            .map(
              (specifier) =>
                `imports ${specifier}. Take the shape from recorded bytes instead; a schema used on both sides proves nothing.`,
            )
        : [],
    );
    expect(found).toEqual([]);
  });

  test("packages use tooling in tests only", () => {
    const found = complaints((file) => {
      if (file.isTest || file.owner.folder.startsWith("tooling/")) return [];
      const allowed = file.owner.manifest.name === "example-agent" ? ["@vllm-tooling/fake-vllm"] : [];
      return importsOfOurs(file)
        .filter((specifier) => specifier.startsWith("@vllm-tooling/") && !allowed.includes(packageOf(specifier)))
        .map(
          (specifier) =>
            `imports ${specifier}, which is private and never published. Move what it needs into the package, or the code into a test.`,
        );
    });
    expect(found).toEqual([]);
  });

  test("the client loads neither zod nor openai for a stream: only ./core of the schema, and openai in its own entry", () => {
    const found = complaints((file) => {
      if (file.owner.manifest.name !== "@vllm/client" || file.isTest) return [];
      return loadsOf(file.text)
        .filter((specifier) => ["@vllm/schema", "zod"].includes(specifier) || packageOf(specifier) === "openai")
        .filter((specifier) => !(specifier === "openai" && file.path === "src/openai.ts"))
        .map(
          (specifier) =>
            `loads ${specifier}. Take @vllm/schema/core, or types only (import type): a program that streams must start fast.`,
        );
    });
    expect(found).toEqual([]);
  });

  test("the AI SDK provider loads no zod and not the AI SDK itself: only its interface, and ./core of the schema", () => {
    const found = complaints((file) => {
      if (file.owner.manifest.name !== "@vllm/ai-sdk-provider" || file.isTest) return [];
      return importsOf(file.text)
        .filter((specifier) => ["@vllm/schema", "ai", "zod"].includes(specifier))
        .map(
          (specifier) => `imports ${specifier}. A program brings its own: take @ai-sdk/provider and @vllm/schema/core.`,
        );
    });
    expect(found).toEqual([]);
  });

  test("the rooms of the bridge have one way: options, upstream, chat, then server and fetch", () => {
    const rooms: Readonly<Record<string, readonly string[]>> = {
      options: [],
      status: [],
      upstream: ["options"],
      chat: ["options", "upstream"],
      fetch: ["options", "upstream", "chat"],
      server: ["options", "upstream", "chat", "status"],
    };
    const roomOf = (path: string) => /^src\/(\w+)\//.exec(path)?.[1];
    const found = complaints((file) => {
      const room = roomOf(file.path);
      if (file.owner.manifest.name !== "@vllm/bridge" || room === undefined) return [];
      return importsOf(file.text)
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => roomOf(normalize(join(file.path, "..", specifier))))
        .filter((reached) => reached !== room && !rooms[room]?.includes(reached ?? ""))
        .map(
          (reached) =>
            `imports ${reached ?? "a root file"}. From ${room}/ arrows lead to ${rooms[room]?.join(", ") || "no other room"}.`,
        );
    });
    expect(found).toEqual([]);
  });

  test("a file at the root of src/ stands above the folders: what they share has a folder, too", () => {
    const found = complaints((file) => {
      if (file.isTest || file.owner.folder.startsWith("tooling/") || dirname(file.path) === "src") return [];
      return importsOf(file.text)
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => normalize(join(file.path, "..", specifier)))
        .filter(
          (reached) =>
            dirname(reached) === "src" && !ABOVE.has(`${file.owner.folder}/${dirname(file.path)} ${reached}`),
        )
        .map((reached) => `imports ${reached}. Move it to the folder that its idea belongs to.`);
    });
    expect(found).toEqual([]);
  });

  test("the adapter imports the client only in openclaw/", () => {
    const found = complaints((file) => {
      const isAllowed = file.isTest || file.path.startsWith("src/openclaw/");
      if (file.owner.manifest.name !== "@vllm/coderclaw-adapter" || isAllowed) return [];
      return importsOfOurs(file)
        .filter((specifier) => packageOf(specifier) === "@vllm/client")
        .map(
          (specifier) =>
            `imports ${specifier}. Set-up, doctor and config need no streaming client: ask @vllm/discovery. Only our stream (src/openclaw/) may.`,
        );
    });
    expect(found).toEqual([]);
  });
});

test("programs that count as somebody else's are there, and import our packages", () => {
  const needed = files.filter((file) => FOREIGN.has(nameOf(file)) && importsOf(file.text).some(isOurs));
  expect(needed.map(nameOf).toSorted()).toEqual([...FOREIGN]);
});

describe("the ways of importing", () => {
  test("nobody reaches into another package by a relative path", () => {
    const found = complaints((file) =>
      importsOf(file.text)
        .filter(
          (specifier) => specifier.startsWith(".") && normalize(join(file.path, "..", specifier)).startsWith(".."),
        )
        .map(
          (specifier) =>
            `imports ${specifier}, which is outside its package. Import the package by its name, through its exports.`,
        ),
    );
    expect(found).toEqual([]);
  });

  test("an import of one of our packages is one of its exports", () => {
    const exportsByName = new Map(packages.map(({ manifest }) => [manifest.name, Object.keys(manifest.exports ?? {})]));
    const found = complaints((file) =>
      importsOfOurs(file)
        .filter(
          (specifier) =>
            !exportsByName.get(packageOf(specifier))?.includes(specifier.replace(packageOf(specifier), ".")),
        )
        .map(
          (specifier) =>
            `imports ${specifier}. ${packageOf(specifier)} exports ${exportsByName.get(packageOf(specifier))?.join(", ") ?? "nothing: there is no such package"}.`,
        ),
    );
    expect(found).toEqual([]);
  });

  test("every imported package is declared: at run time a dependency, in tests at least a devDependency", () => {
    const found = complaints((file) => {
      if (FOREIGN.has(nameOf(file))) return [];
      const { manifest } = file.owner;
      const isPublished = file.owner.folder.startsWith("packages/");
      const declared = new Set([
        ...Object.keys(manifest.dependencies ?? {}),
        ...Object.keys(manifest.peerDependencies ?? {}),
        ...(file.isTest || !isPublished ? Object.keys(manifest.devDependencies ?? {}) : []),
        ...(BUILT_IN[manifest.name] ?? []),
        ...(file.isTest ? ["vitest"] : []),
        manifest.name,
      ]);
      return importsOf(file.text)
        .filter(
          (specifier) =>
            !specifier.startsWith(".") && !specifier.startsWith("node:") && !builtinModules.includes(specifier),
        )
        .filter((specifier) => !declared.has(packageOf(specifier)))
        .map(
          (specifier) =>
            `imports ${specifier}, which ${file.owner.folder}/package.json does not declare${file.isTest ? "" : " as a dependency"}.`,
        );
    });
    expect(found).toEqual([]);
  });

  test("what the portable entries reach names no Node module: they run on any JavaScript runtime", () => {
    const portable = [
      ...["@vllm/schema", "@vllm/discovery"].flatMap((name) => filesReachedFrom(name, "src/index.ts")),
      ...["src/index.ts", "src/internal.ts"].flatMap((entry) => filesReachedFrom("@vllm/transport", entry, PORTABLE)),
      ...filesReachedFrom("@vllm/bridge", "src/fetch/index.ts"),
      ...filesReachedFrom("@vllm/ai-sdk-provider", "src/index.ts"),
    ];
    const found = portable.flatMap((file) =>
      importsOf(file.text)
        .filter((specifier) => specifier.startsWith("node:") || builtinModules.includes(specifier))
        .map(
          (specifier) =>
            `${nameOf(file)} imports ${specifier}. Take what it gives as an option, or move it to an entry of its own (as ./file-store), so that a browser or a worker can leave it out.`,
        ),
    );
    expect(found).toEqual([]);
    expect(portable.length).toBeGreaterThan(40);
  });
});

/** What the transport's portable build replaces (its tsup.config.ts). */
const PORTABLE: Readonly<Record<string, string>> = { "src/own-http.ts": "src/own-http.portable.ts" };

/** The files of a package that an entry pulls in, by relative imports. */
function filesReachedFrom(
  packageName: string,
  entry: string,
  replaced: Readonly<Record<string, string>> = {},
): SourceFile[] {
  const own = new Map(
    files.filter((file) => file.owner.manifest.name === packageName).map((file) => [file.path, file]),
  );
  const reached = new Set<SourceFile>();
  const open = [entry];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const file = own.get(path);
    if (!file || reached.has(file)) continue;
    reached.add(file);
    const from = path;
    open.push(
      ...importsOf(file.text)
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => normalize(join(from, "..", specifier)))
        .map((reached) => replaced[reached] ?? reached),
    );
  }
  return [...reached];
}

describe("importsOf", () => {
  test("finds every way to name a module", () => {
    const text = [
      'import "side-effect";',
      'import { a, type B } from "named";',
      'import type {\n  C,\n  D,\n} from "many-lines";',
      'export * from "re-export";',
      'export { x } from "./relative.ts";',
      `const later = await import(${'"dynamic"'});`,
    ].join("\n");
    expect(importsOf(text)).toEqual(["side-effect", "named", "many-lines", "re-export", "./relative.ts", "dynamic"]);
  });

  test("tells what is loaded from what is only a type", () => {
    const text = [
      'import type { A } from "types";',
      'export type { B } from "more-types";',
      'import { c, type D } from "mixed";',
      'export { e } from "again";',
      'import "side-effect";',
    ].join("\n");
    expect(loadsOf(text)).toEqual(["mixed", "again", "side-effect"]);
  });

  test("takes a sub-path for its package", () => {
    expect(["@vllm/schema/core", "@vllm/schema", "zod/v4", "zod"].map(packageOf)).toEqual([
      "@vllm/schema",
      "@vllm/schema",
      "zod",
      "zod",
    ]);
  });
});
