import type { SoakResult } from "./soak.ts";

const WIDTH = 720;
const HEIGHT = 120;
const LEFT = 60;
const GAP = 40;

interface Panel {
  title: string;
  points: readonly { x: number; y: number; color?: string }[];
  isLine: boolean;
}

/** Latency, heap and sockets over the time of a soak, one below the other. */
export function plotSoak({ latenciesMs, samples }: SoakResult): string {
  const panels: Panel[] = [
    {
      title: "end of each stream, ms (red: the server fails)",
      isLine: false,
      points: latenciesMs.map(({ seconds, ms, isFault }) => ({
        x: seconds,
        y: ms,
        color: isFault ? "#c0392b" : "#2471a3",
      })),
    },
    { title: "heap, MiB", isLine: true, points: samples.map(({ seconds, heapMiB }) => ({ x: seconds, y: heapMiB })) },
    {
      title: "sockets, both ends",
      isLine: true,
      points: samples.map(({ seconds, sockets }) => ({ x: seconds, y: sockets })),
    },
  ];
  const seconds = Math.max(...samples.map((sample) => sample.seconds), 1);
  const body = panels.map((panel, index) => toPanel(panel, GAP + index * (HEIGHT + GAP), seconds));
  const height = GAP + panels.length * (HEIGHT + GAP);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 20} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

function toPanel({ title, points, isLine }: Panel, top: number, seconds: number): string {
  const most = Math.max(...points.map(({ y }) => y), 1);
  const place = ({ x, y }: { x: number; y: number }) =>
    [LEFT + (x / seconds) * WIDTH, top + HEIGHT - (y / most) * HEIGHT].map((value) => value.toFixed(1)) as [
      string,
      string,
    ];
  const marks = isLine
    ? [`<polyline fill="none" stroke="#2471a3" points="${points.map((point) => place(point).join(",")).join(" ")}"/>`]
    : points.map((point) => {
        const [x, y] = place(point);
        return `<circle cx="${x}" cy="${y}" r="2" fill="${point.color ?? "#2471a3"}"/>`;
      });
  return [
    `<text x="${LEFT}" y="${top - 8}">${title}</text>`,
    `<path d="M${LEFT} ${top}V${top + HEIGHT}H${LEFT + WIDTH}" fill="none" stroke="#777777"/>`,
    `<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end">${Math.round(most)}</text>`,
    `<text x="${LEFT - 6}" y="${top + HEIGHT}" text-anchor="end">0</text>`,
    `<text x="${LEFT + WIDTH}" y="${top + HEIGHT + 14}" text-anchor="end">${seconds.toFixed(1)} s</text>`,
    ...marks,
  ].join("\n");
}
