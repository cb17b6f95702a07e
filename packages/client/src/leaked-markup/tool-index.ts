import type { JsonSchema } from "../schemas/standard-schema.ts";
import type { RecoverableTool } from "./markup-reader-options.ts";

/** The tools of a request, by name. */
export class ToolIndex {
  readonly names: readonly string[];
  private readonly tools: ReadonlyMap<string, RecoverableTool>;

  constructor(tools: readonly RecoverableTool[]) {
    this.tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.names = [...this.tools.keys()].filter((name) => name !== "");
  }

  has(name: unknown): name is string {
    return typeof name === "string" && name !== "" && this.tools.has(name);
  }

  /** The schema of a tool's arguments. */
  schemaOf(name: string): JsonSchema | undefined {
    return this.tools.get(name)?.parameters;
  }
}
