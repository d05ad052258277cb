// The main screen: map, list, time.
import type { JSX } from "preact";
import { SideList } from "../parts/SideList";
import { write } from "../state/draft";
import { go } from "../state/route";
import { may } from "../state/store";

/** A click on the map begins a sighting there. */
export function pickPlace(lon: number, lat: number): void {
  if (!may("sighting.note")) return;
  write({ lon, lat, section: null, place: `${lat.toFixed(5)}, ${lon.toFixed(5)}`, text: `${lat.toFixed(5)}, ${lon.toFixed(5)}` });
  go("sighting");
}

export function Main(): JSX.Element {
  return (
    <>
      <aside class="side"><SideList /></aside>
    </>
  );
}
