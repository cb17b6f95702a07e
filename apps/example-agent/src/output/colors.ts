import picocolors from "picocolors";

/** Functions that colour a text, or give it back as it is. */
export type Colors = ReturnType<typeof picocolors.createColors>;

export function createColors(isOn: boolean): Colors {
  return picocolors.createColors(isOn);
}
