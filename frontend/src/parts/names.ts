// Names that are cut for narrow places; the whole stands in the title.

/** An exit without what stands in brackets. */
export function shortExit(name: string): string {
  return name.replace(/ \([^)]*\)$/, "");
}

/** The road of an exit alone, for a plate on the map. */
export function roadOf(exit: string): string {
  const road = shortExit(exit).replace(/ near .*$/, "");
  return road.length > 20 ? `${road.slice(0, 19)}…` : road;
}
