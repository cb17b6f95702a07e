// The flow as a worker, which does I/O only while it answers a request.
import { flow } from "./flow.mjs";

export default {
  async fetch() {
    try {
      return Response.json(await flow());
    } catch (error) {
      return new Response(String(error?.stack ?? error), { status: 500 });
    }
  },
};
