// Names that are cut for narrow places; the whole stands in the title.

/** An exit without what stands in brackets: where it leads to, and the number of a road without a name. */
export function shortExit(name: string): string {
  return name.replace(/ \([^)]*\)/g, "");
}

/** The road of an exit alone, for a plate on the map. */
export function roadOf(exit: string): string {
  const road = shortExit(exit).replace(/ near .*$/, "");
  return road.length > 20 ? `${road.slice(0, 19)}…` : road;
}

/** A road and the place that it is at, which some roads have in their name already. */
export function roadAt({ road, near }: { road: string; near: string }): string {
  const name = unmarked(road);
  return near === "" || name.endsWith(near) ? name : `${name}, ${near}`;
}

/** Words without the mark of an exercise: it stands in the bar and round the page. */
export function unmarked(words: string): string {
  return words.replace(/^(EXERCISE[.:]?\s*)+/, "").replace(/^:\s*/, "");
}

/** The class of a text that is longer than its line: it stands in two small ones. */
export function isLong(text: string, most: number): string {
  return text.length > most ? " long" : "";
}
