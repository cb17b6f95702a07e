import type { Tool } from "./tool.ts";
import { ToolError } from "./tool.ts";

/** The clock. `now` is for tests. */
export function createClock(now: () => Date = () => new Date()): Tool {
  return {
    name: "clock",
    description: "Tells the current date and time in a time zone.",
    parameters: {
      timezone: { type: "string", description: 'IANA name such as "Europe/Paris", or "UTC"', isOptional: true },
    },
    run: ({ timezone }) => formatTime(now(), timezone?.trim() || "UTC"),
  };
}

/** Sunday, 22 November 2026, 17:47:03 (Europe/Paris) */
function formatTime(time: Date, timeZone: string): string {
  try {
    const text = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      weekday: "long",
      day: "numeric",
      month: "long",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    }).format(time);
    return `${text.replace(" at ", ", ")} (${timeZone})`;
  } catch {
    throw new ToolError(
      `${JSON.stringify(timeZone.slice(0, 60))} is not a time zone. Use an IANA name such as "UTC", "Europe/Paris" or "Asia/Tokyo".`,
    );
  }
}
