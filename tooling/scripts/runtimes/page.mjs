// The flow in a page of a browser, which sends what came out to the server it came from.
import { flow } from "./flow.mjs";

const body = await flow().then(JSON.stringify, (error) => String(error?.stack ?? error));
await fetch("/result", { method: "POST", body });
