import { enableCompileCache } from "node:module";

// Node strips the types of a hundred files at each start; kept, that is most of the start-up time.
enableCompileCache();
const { main } = await import("./cli/main.ts");
process.exitCode = await main(process.argv.slice(2));
