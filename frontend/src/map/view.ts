// The map as an object: what is coloured and moved on it goes straight to it, not through the view.
import {
  Map as Chart, prewarm, setWorkerUrl, type GeoJSONSource, type LngLatBoundsLike, type MapMouseEvent,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { Belief, Camera, Front, Picture, Region, UnitLine } from "../api/types";
import { span } from "../state/time";
import { CAMERAS_FROM, empty, icons, mapStyle, roadColour } from "./style";

setWorkerUrl(workerUrl);
prewarm(); // the worker is read while the page still asks the node what to draw
export const OLD_MS = 5 * 60_000;
const NOTHING = JSON.stringify(empty());
const STEPS_MS = [0, 5 * 60_000, 10 * 60_000];
const PAD = 46;
const NEAR = { padding: PAD * 1.6, maxZoom: 15 };

export interface At {
  x: number;
  y: number;
}

/** What a map shows first. Known before it is made, its roads are read, laid out and drawn once. */
export interface Opening {
  points: [number, number][];
  front: Front | null;
  belief: Belief | null;
}

export class MapView {
  readonly chart: Chart;
  frames = 0;
  /** Somebody moved it by hand: it stays where it is. */
  touched = false;
  private missing = false;
  /** What was fitted last; a map that changes its size fits it again, unless it was moved since. */
  private fitted: (() => void) | null = null;
  private front: Front | null = null;
  private shownFront = new Map<number, number>();
  private shownBelief = new Map<number, number>();
  private readonly shown = new Map<string, string>();
  private belief: Belief | null = null;
  private loaded = false;
  private picture: Picture | null = null;
  private lines: UnitLine[] = [];
  private cameras: Camera[] = [];
  private claimed: [number, number][] = [];
  private now = 0;

  constructor(
    private readonly place: HTMLElement,
    private region: Region,
    told: {
      moved: () => void;
      clicked: (lon: number, lat: number) => void;
      lost: () => void;
      ready: () => void;
    },
    opening: Opening = { points: [], front: null, belief: null },
  ) {
    this.front = this.ofThese(opening.front);
    this.belief = this.ofThese(opening.belief);
    const isWhole = opening.points.length === 0;
    this.chart = new Chart({
      container: place,
      style: mapStyle(region, this.front !== null),
      bounds: isWhole ? region.bounds as LngLatBoundsLike : boxOf(opening.points),
      fitBoundsOptions: isWhole ? { padding: PAD } : NEAR,
      attributionControl: false,
      // Antialiasing doubles the time of a frame where no graphics card draws, and lines do not
      // need it: they are drawn soft at their edges anyway.
      canvasContextAttributes: { antialias: false, powerPreference: "high-performance" },
      fadeDuration: 0,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      renderWorldCopies: false,
      maxZoom: 18,
      minZoom: 4,
    });
    this.fitted = this.fitting(opening.points);
    this.chart.touchZoomRotate.disableRotation();
    this.chart.on("move", told.moved);
    this.chart.on("resize", () => {
      if (!this.touched) this.fitted?.();
      told.moved();
    });
    this.chart.on("render", () => (this.frames += 1));
    for (const begun of ["dragstart", "zoomstart"] as const) {
      this.chart.on(begun, (event) => {
        if ((event as { originalEvent?: unknown }).originalEvent) this.touched = true;
      });
    }
    this.chart.on("click", (event: MapMouseEvent) => told.clicked(event.lngLat.lng, event.lngLat.lat));
    this.chart.on("error", () => {
      this.missing = true;
    });
    this.chart.on("webglcontextlost", () => {
      this.loaded = false; // the style is gone with its context
      told.lost();
    });
    this.chart.on("style.load", () => {
      this.loaded = true;
      this.addIcons();
      this.recolour();
      if (this.picture !== null) this.draw(this.picture, this.now);
      this.drawCameras(this.cameras);
      told.moved();
    });
    this.chart.once("idle", told.ready);
    this.chart.getCanvas().setAttribute("aria-label", "");
    this.chart.getCanvas().tabIndex = -1;
  }

  /** Ask again for what could not be read, for example while the node was gone. */
  again(): void {
    if (!this.missing) return;
    this.missing = false;
    this.chart.refreshTiles("roads");
  }

  /** Put the map away. */
  remove(): void {
    this.loaded = false;
    this.chart.remove();
    this.place.replaceChildren();
  }

  /** Take the colours of the other theme. */
  restyle(): void {
    this.loaded = false;
    this.shownFront.clear();
    this.shownBelief.clear();
    this.shown.clear();
    this.chart.setStyle(mapStyle(this.region, this.front !== null), { diff: false });
  }

  /** Where a place lies on screen. */
  at(lon: number, lat: number): At {
    return this.chart.project([lon, lat]);
  }

  /** Show what lies between some positions. */
  fit(points: [number, number][]): void {
    if (!points.length) return;
    this.fitted = this.fitting(points);
    this.fitted();
  }

  fitRegion(): void {
    this.fitted = this.fitting([]);
    this.fitted();
  }

  private fitting(points: [number, number][]): () => void {
    const near = points.length > 0;
    const box = near ? boxOf(points) : this.region.bounds as LngLatBoundsLike;
    return () => this.chart.fitBounds(box, { ...(near ? NEAR : { padding: PAD }), duration: 0 });
  }

  focusOn(lon: number, lat: number, zoom = 14): void {
    this.fitted = null;
    this.chart.jumpTo({ center: [lon, lat], zoom: Math.max(zoom, this.chart.getZoom()) });
  }

  /** Colour the roads by how soon it can be there. */
  setFront(front: Front | null, now: number): void {
    const fits = this.ofThese(front);
    const had = this.front !== null;
    this.front = fits;
    this.now = now;
    if (!this.loaded) return;
    if (had !== (fits !== null)) {
      this.chart.setPaintProperty("roads", "line-color", roadColour(fits !== null));
    }
    this.colourFront();
  }

  /** What speaks of the roads that are drawn; of any others it would colour the wrong ones. */
  private ofThese<Of extends { digest: string }>(found: Of | null): Of | null {
    return found?.digest === this.region.digest ? found : null;
  }

  setBelief(belief: Belief | null): void {
    this.belief = this.ofThese(belief);
    if (this.loaded) this.colourBelief();
  }

  /** Time goes on: roads come into reach. */
  tick(now: number): void {
    this.now = now;
    if (this.loaded && this.front !== null) this.colourFront();
  }

  private recolour(): void {
    this.colourFront();
    this.colourBelief();
  }

  private colourFront(): void {
    const wanted = new Map<number, number>();
    if (this.front !== null) {
      const passed = this.now - Date.parse(this.front.zero);
      const { sections, after_s } = this.front;
      for (let i = 0; i < sections.length; i += 1) {
        const early = (after_s[i] ?? 0) * 1000 - passed;
        const step = early <= 0 ? 0 : early <= (STEPS_MS[1] ?? 0) ? 1 : early <= (STEPS_MS[2] ?? 0) ? 2 : 3;
        if (step < 3) wanted.set(sections[i] as number, step);
      }
    }
    this.change("f", this.shownFront, wanted);
    this.shownFront = wanted;
  }

  private colourBelief(): void {
    const wanted = new Map<number, number>();
    const bands = this.belief;
    bands?.ninety_nine.forEach((one) => wanted.set(one, 3));
    bands?.ninety.forEach((one) => wanted.set(one, 2));
    bands?.half.forEach((one) => wanted.set(one, 1));
    this.change("b", this.shownBelief, wanted);
    this.shownBelief = wanted;
  }

  private change(key: string, shown: Map<number, number>, wanted: Map<number, number>): void {
    const to = (id: number): { source: string; sourceLayer: string; id: number } => ({
      source: "roads", sourceLayer: "roads", id,
    });
    for (const [id, value] of wanted) {
      if (shown.get(id) !== value) this.chart.setFeatureState(to(id), { [key]: value });
    }
    for (const id of shown.keys()) {
      if (!wanted.has(id)) this.chart.removeFeatureState(to(id), key);
    }
  }

  /** Draw what lies on the roads: open ways, units, and where each is ordered. */
  draw(picture: Picture, now: number): void {
    this.picture = picture;
    this.now = now;
    if (!this.loaded) return;
    const ways = picture.ways.filter((one) => one.still_open && one.line.length > 1);
    this.put("ways", [...ways.map((one) => one.line), this.claimed].filter((one) => one.length > 1).map(lineOf));
    const sites = new Map(picture.seals.map((one) => [one.site, one]));
    const moving = (picture.units ?? []).filter((one) => one.site && one.lon !== null);
    this.put("unit-ways", moving.flatMap((one) => {
      const seal = sites.get(one.site);
      const arrived = seal === undefined || seal.state === "closed" || seal.lon === null;
      if (arrived || seal?.lat == null) return [];
      return [lineOf([[one.lon as number, one.lat as number], [seal.lon as number, seal.lat]])];
    }));
    this.drawUnits(this.lines);
  }

  /** Draw the way of a claim beside what is open. */
  drawClaimed(line: [number, number][]): void {
    this.claimed = line;
    if (this.picture !== null) this.draw(this.picture, this.now);
  }

  /** Move the units: of the picture and the list of units the newer position; the list is empty in the past. */
  drawUnits(lines: UnitLine[]): void {
    this.lines = lines;
    if (!this.loaded) return;
    const listed = new Map(lines.map((one) => [one.unit, one]));
    this.put("units", (this.picture?.units ?? []).flatMap((unit) => {
      const found = listed.get(unit.unit);
      const line = (found?.fix ?? "") < (unit.fix ?? "") ? undefined : found;
      const lon = line?.lon ?? unit.lon;
      const lat = line?.lat ?? unit.lat;
      if (lon === null || lat === null) return [];
      const fix = line?.fix ?? unit.fix;
      const age = fix === null || fix === undefined ? 0 : this.now - Date.parse(fix);
      const old = fix !== null && age > OLD_MS && unit.state !== "off duty";
      return [{
        type: "Feature" as const,
        properties: {
          look: old ? "old" : unit.site ? "used" : "free", rank: unit.site ? 1 : 0,
          label: old ? `${unit.unit}, ${span(age)}` : "",
        },
        geometry: { type: "Point" as const, coordinates: [lon, lat] },
      }];
    }));
  }

  /** Own cameras that were heard of, where they stand; blind ones with why. */
  drawCameras(cameras: Camera[]): void {
    this.cameras = cameras;
    if (!this.loaded) return;
    this.put("cameras", cameras.flatMap((one) => one.lon === null || one.lat === null ? [] : [{
      type: "Feature" as const,
      properties: {
        look: one.blind === null ? "sees" : "blind",
        label: one.blind === null ? one.camera : `${one.camera}: ${one.blind}`,
      },
      geometry: { type: "Point" as const, coordinates: [one.lon, one.lat] },
    }]));
  }

  /** Whether the zoom is one that shows cameras. */
  get showsCameras(): boolean {
    return this.chart.getZoom() >= CAMERAS_FROM;
  }

  private put(source: string, features: GeoJSON.Feature[]): void {
    const data = features.length ? { type: "FeatureCollection" as const, features } : empty();
    const text = JSON.stringify(data);
    if (text === (this.shown.get(source) ?? NOTHING)) return; // each change is laid out and drawn
    this.shown.set(source, text);
    this.chart.getSource<GeoJSONSource>(source)?.setData(data);
  }

  private addIcons(): void {
    for (const [name, image] of Object.entries(icons())) {
      if (!this.chart.hasImage(name)) this.chart.addImage(name, image, { pixelRatio: 2 });
    }
  }
}

function boxOf(points: [number, number][]): LngLatBoundsLike {
  const lon = points.map((one) => one[0]);
  const lat = points.map((one) => one[1]);
  return [[Math.min(...lon), Math.min(...lat)], [Math.max(...lon), Math.max(...lat)]];
}

function lineOf(line: [number, number][]): GeoJSON.Feature {
  return { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } };
}
