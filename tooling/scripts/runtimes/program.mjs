// The flow as a program of Node, Bun and Deno.
import { flow } from "./flow.mjs";

console.log(JSON.stringify(await flow()));
