// The map with its signs, its legend of what is drawn, and the strip of time below it.
import { computed, effect, signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { get } from "../api/client";
import type { Belief, Front, Picture, Sighting } from "../api/types";
import { t } from "../messages";
import { CameraIcon, CrossIcon, SealIcon, SealMark, SeenMark, signOf, signWidth, UnitIcon, type SealSign } from "../parts/signs";
import { roadOf } from "../parts/names";
import { draft } from "../state/draft";
import { page } from "../state/route";
import { theme } from "../state/settings";
import {
  cameras, connected, incident, live, lookAt, mapStamp, me, picture, pictureTaken, reads, region, regionAsked, signedOut, unitLines,
} from "../state/store";
import { clock, minute, ms_of, nowMs } from "../state/time";
import { setApart, type Box, type Item } from "./apart";
import { Drawn } from "./Drawn";
import type { MapView } from "./view";
import { TimeStrip } from "./TimeStrip";

const NARROW = 520;
const tick = signal(0);
const failed = signal(false);
const ready = signal(false);
export const beliefMissing = signal(false);
const beliefFails = computed(() => (picture.value?.troubles ?? []).some((one) => one.duty === "belief"));
/** What other parts of the page want of the map; it is not there before it has been drawn once. */
export const wanted = signal<{ do: "fit" | "region" | "focus" | "line"; lon?: number; lat?: number } | null>(null);
/** The way of a claim that is tested; empty for none. */
export const claimed = signal<[number, number][]>([]);
export const picked = signal<{ lon: number; lat: number } | null>(null);
let view: MapView | null = null;

declare global {
  interface Window {
    /** For measurements and tests: frames drawn so far. */
    stoplineFrames?: () => number;
  }
}

export function MapPane({ strip = true, pick }: { strip?: boolean; pick?: (lon: number, lat: number) => void }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const at = region.value;
  useEffect(() => {
    if (place.current === null || at === null || failed.value) return undefined;
    return draw(place.current, pick);
  }, [at?.digest, failed.value]);
  return (
    <div class={`mapcol${connected.value ? "" : " lost"}`}>
      <div class="map" role="region" aria-label={t.mapOf(at?.own.join(", ") || picture.value?.us.name || t.pageName("main"))}>
        {!failed.value && <div class="chart" ref={place} />}
        {!failed.value && at !== null && <Overlay />}
        {failed.value && <Drawn again={() => { failed.value = false; }} />}
        {at === null && regionAsked.value && !failed.value && <p class="mapword">{t.mapNone}</p>}
        {(at !== null || !regionAsked.value) && !ready.value && !failed.value && <p class="mapword">{t.mapWaits}</p>}
        <p class="attribution">{at?.attribution}</p>
      </div>
      <Legend />
      {strip && <TimeStrip />}
    </div>
  );
}

// Read while the page still asks the node who is signed in, and for a phone too, whose map is small.
effect(() => {
  if (me.value !== null) void import("./view").catch(() => undefined);
});

/** Draw the map in a place; gives what puts it away again. */
function draw(place: HTMLElement, pick?: (lon: number, lat: number) => void): () => void {
  let gone = false;
  const ends: (() => void)[] = [];
  const stamp = `${mapStamp.peek()} ${beliefFails.peek()}`;
  void Promise.all([import("./view"), readColours(), fontThere()]).then(([{ MapView }, colours]) => {
    if (gone || region.value === null) return;
    const points = wholePlan();
    try {
      view = new MapView(place, region.value, {
        moved: () => (tick.value = tick.peek() + 1),
        clicked: (lon, lat) => pick?.(lon, lat),
        lost: () => {
          failed.value = true;
        },
        ready: () => (ready.value = true),
      }, { points, ...colours });
    } catch {
      failed.value = true;
      return;
    }
    window.stoplineFrames = () => view?.frames ?? 0;
    ends.push(...followed(view, { points, stamp }));
    ends.push(() => {
      view?.remove();
      view = null;
    });
  }).catch(() => {
    failed.value = true;
  });
  return () => {
    gone = true;
    for (const end of ends) end();
    ready.value = false;
  };
}

async function fontThere(): Promise<void> {
  const face = '16px "Atkinson Hyperlegible Next"';
  const loaded = Promise.all([document.fonts.load(face), document.fonts.load(`700 ${face}`)]);
  await Promise.race([loaded, new Promise((end) => setTimeout(end, 800))]);
}

/** Keep a map up to date with what the page knows. */
function followed(chart: MapView, opened: { points: [number, number][]; stamp: string }): (() => void)[] {
  let fitted = "";
  let first = true;
  let stamp = opened.stamp;
  return [
    effect(() => {
      const shown = picture.value;
      if (shown === null) return;
      chart.draw(shown, nowMs.peek());
      tick.value = tick.peek() + 1;
      const beside = offered(shown) === null ? "" : `offer ${shown.offer?.offer}`;
      const open = beside || shown.ways.filter((one) => one.still_open).map((one) => one.letter).join("") || (shown.seals.length ? "seals" : "region");
      if (fitted !== open && !chart.touched) {
        const shownAlready = fitted === "" && JSON.stringify(wholePlan()) === JSON.stringify(opened.points);
        fitted = open;
        if (!shownAlready) fitOpen(chart);
      }
    }),
    effect(() => {
      chart.drawUnits(lookAt.value === null ? unitLines.value : []);
    }),
    effect(() => chart.drawClaimed(claimed.value)),
    effect(() => {
      chart.drawCameras(cameras.value?.cameras ?? []);
    }),
    effect(() => {
      if (theme.value && !first) chart.restyle();
      first = false;
    }),
    effect(() => {
      // Every 5 s is often enough for roads that come into reach, and leaves the map at rest else.
      const now = Math.floor(nowMs.value / 5000) * 5000;
      chart.tick(now);
    }),
    effect(() => {
      // A belief whose duty fails is taken off the map, though no fact changes a colour.
      const known = `${mapStamp.value} ${beliefFails.value}`;
      if (known !== stamp) soon(chart);
      stamp = known;
    }),
    effect(() => {
      if (connected.value && !signedOut.value) chart.again();
    }),
    effect(() => {
      const order = wanted.value;
      if (order === null) return;
      queueMicrotask(() => (wanted.value = null));
      if (order.do === "fit") {
        chart.touched = false; // from here on it follows what opens again
        fitOpen(chart);
      }
      else if (order.do === "region") chart.fitRegion();
      else if (order.do === "line") chart.fit(claimed.peek());
      else if (order.lon !== undefined && order.lat !== undefined) chart.focusOn(order.lon, order.lat);
    }),
  ];
}

/** Show all open ways, or else all that is sealed, or the region. */
function fitOpen(chart: MapView): void {
  const all = wholePlan();
  if (all.length) chart.fit(all);
  else chart.fitRegion();
}

/** Open ways, seals and the last sighting; empty where that is not more than a place. */
function wholePlan(): [number, number][] {
  const shown = picture.peek();
  const points = (shown?.ways ?? []).filter((one) => one.still_open).flatMap((one) => one.line);
  const seals = (shown?.seals ?? []).flatMap((one): [number, number][] =>
    one.lon === null || one.lat === null ? [] : [[one.lon, one.lat]],
  );
  const beside = shown === null ? [] : (offered(shown)?.seals ?? []).flatMap((seal): [number, number][] =>
    seal.lon === null || seal.lat === null ? [] : [[seal.lon, seal.lat]],
  );
  const last = (shown?.sightings ?? []).filter((one) => one.confirmed && !one.retracted && !one.nothing_seen).at(-1);
  const seen: [number, number][] = last?.lon == null || last.lat === null || !(seals.length || beside.length) ? [] : [[last.lon, last.lat]];
  const all: [number, number][] = [...points, ...seals, ...beside, ...seen];
  return all.length > 1 ? all : [];
}

// To colour thousands of roads anew costs an old machine a tenth of a second.
const COLOURS_MS = 3_000;
let timer: number | null = null;
let coloured = -COLOURS_MS;
/** Read the colours of the roads again: the first time at once, and then so often at most. */
function soon(chart: MapView): void {
  if (timer !== null) return;
  timer = window.setTimeout(() => {
    timer = null;
    coloured = performance.now();
    void recolour(chart);
  }, Math.max(100, coloured + COLOURS_MS - performance.now()));
}

/** How soon it can be on each road, and where it may be; null where nobody knows, or may know. */
async function readColours(): Promise<{ front: Front | null; belief: Belief | null }> {
  const name = incident.peek();
  if (name === null || !reads("sightings")) return { front: null, belief: null };
  const past = lookAt.peek();
  const params = { path: { incident: name }, query: past === null ? {} : { at: new Date(past).toISOString() } };
  const [front, belief] = await Promise.all([
    get("/v1/incidents/{incident}/front", params).catch(() => null),
    beliefFails.peek() ? null : get("/v1/incidents/{incident}/belief", params).catch(() => null),
  ]);
  beliefMissing.value = belief === null;
  return { front, belief };
}

let askedFor = 0;
async function recolour(chart: MapView): Promise<void> {
  const number = ++askedFor;
  const { front, belief } = await readColours();
  if (number !== askedFor) return;
  chart.setFront(front, nowMs.peek());
  chart.setBelief(belief);
}

// ---- signs ---------------------------------------------------------------------------------------

interface Sign extends Item {
  draw: () => JSX.Element;
  red?: boolean;
}

function Overlay(): JSX.Element | null {
  void tick.value;
  const shown = picture.value;
  if (view === null || shown === null) return null;
  const box = view.chart.getCanvas();
  const width = box.clientWidth;
  const height = box.clientHeight;
  const now = nowMs.value;
  const stale = shown.line.up === false;
  const signs: Sign[] = [...sealSigns(shown, stale), ...waySigns(shown, width), ...proposed(shown)].filter(
    (one) => one.x > -200 && one.y > -200 && one.x < width + 200 && one.y < height + 200,
  );
  const placed = setApart(signs, width, height, kept(shown, now, width, height));
  return (
    <svg class="signs" width={width} height={height} aria-hidden="true">
      <g>
        {placed.map((one, index) => one.moved && (
          <g key={`l-${one.key}`}>
            <line class={signs[index]?.red ? "leader-red" : "leader"} x1={one.x} y1={one.y} x2={one.left} y2={one.top} />
            {!signs[index]?.red && <circle class="dot" cx={one.x} cy={one.y} r="3" />}
          </g>
        ))}
      </g>
      {waySpots(shown).map((one) => (
        <path key={one.key} class="way-end" d={`M${one.x - 7} ${one.y - 7}l14 14m0 -14l-14 14`} />
      ))}
      {placed.map((one, index) => (
        <g key={one.key} transform={`translate(${one.left.toFixed(1)} ${one.top.toFixed(1)})`}>
          {signs[index]?.draw()}
        </g>
      ))}
      <Sightings shown={shown} now={now} />
      <Draft />
      <Scale width={width} height={height} />
    </svg>
  );
}

function sealSigns(shown: Picture, stale: boolean): Sign[] {
  return shown.seals.flatMap((seal) => {
    if (seal.lon === null || seal.lat === null || view === null) return [];
    const gone = offered(shown)?.seals.some((one) => one.site === seal.site && one.change === "gone");
    const sign: SealSign = { ...signOf(seal, shown.them.tab, stale), ...(gone ? { look: "gone" as const } : {}) };
    const at = view.at(seal.lon, seal.lat);
    return [{
      key: seal.site, ...at, off: false, width: signWidth(sign) + 2, height: 26,
      draw: () => (
        <g transform={`translate(${sign.tab ? -(signWidth(sign) - 24) / 2 : 0} 0)`}><SealMark sign={sign} /></g>
      ),
    }];
  });
}

/** The plan beside, while it is looked at: its new seals are dashed. */
function offered(shown: Picture): Picture["offer"] {
  return page.value === "plan" ? shown.offer : null;
}

function proposed(shown: Picture): Sign[] {
  return (offered(shown)?.seals ?? []).flatMap((seal) => {
    if (seal.change !== "new" || seal.lon === null || seal.lat === null || view === null) return [];
    const sign: SealSign = { number: seal.number, look: "proposed", tab: seal.theirs ? shown.them.tab : "" };
    return [{
      key: `p-${seal.site}`, ...view.at(seal.lon, seal.lat), off: true, width: signWidth(sign) + 2, height: 26,
      draw: () => <SealMark sign={sign} />,
    }];
  });
}

function openWays(shown: Picture): Picture["ways"] {
  return shown.ways.filter((one) => one.still_open && one.line.length > 0);
}

function waySpots(shown: Picture): { key: string; x: number; y: number }[] {
  return openWays(shown).flatMap((way) => {
    const end = way.line[way.line.length - 1];
    return end === undefined || view === null ? [] : [{ key: `x-${way.letter}`, ...view.at(end[0], end[1]) }];
  });
}

function waySigns(shown: Picture, width: number): Sign[] {
  if (offered(shown) !== null) return [];
  // A narrow map has no room for the plates of all: one says how many, and when the first opens.
  const all = openWays(shown);
  const one = width < NARROW && all.length > 1;
  return (one ? all.slice(0, 1) : all).flatMap((way) => {
    const end = way.line[way.line.length - 1];
    if (end === undefined || view === null) return [];
    const text = one ? t.waysOpenFirst(Math.max(all.length, shown.verdict?.ways ?? 0), minute(way.earliest))
      : `${way.letter} ${roadOf(way.exit)} ${minute(way.earliest)}`;
    const wide = 34 + text.length * 7.7;
    return [{
      key: `w-${way.letter}`, ...view.at(end[0], end[1]), off: true, width: wide, height: 24, red: true,
      draw: () => (
        <g class="way-plate">
          <rect x={-wide / 2} y="-12" width={wide} height="24" />
          <path d={`M${-wide / 2 + 7} -5l10 10m0 -10l-10 10`} />
          <text x={-wide / 2 + 23} y="5">{text}</text>
        </g>
      ),
    }];
  });
}

/** What no sign may lie on: where it was seen with its words, the attribution, the scale. */
function kept(shown: Picture, now: number, width: number, height: number): Box[] {
  const seen = seenNow(shown, now).flatMap((one): Box[] => {
    if (view === null || one.sighting.lon === null || one.sighting.lat === null) return [];
    const at = view.at(one.sighting.lon, one.sighting.lat);
    const words = one.named ? seenWords(one.sighting) : 0;
    return [{ x: at.x - 14 - (at.x + words > width ? words : 0), y: at.y - 14, w: 28 + words, h: 28 }];
  });
  const foot = (region.value?.attribution.length ?? 0) * 6.6 + 16;
  return [...seen, { x: width - foot, y: height - 30, w: foot, h: 30 }, { x: 0, y: height - 38, w: 120, h: 38 }];
}

/** What stands beside a sighting. */
function seenText(one: Sighting): string {
  const later = lookAt.value !== null && ms_of(one.noted) > lookAt.value + 1000;
  return later ? t.seenKnownAt(minute(one.seen), clock(one.noted)) : t.seenAt(minute(one.seen), one.confirmed);
}

/** How wide the words beside a sighting are, in pixels. */
function seenWords(one: Sighting): number {
  return 24 + seenText(one).length * 7.6;
}

/** Sightings that are drawn: the last confirmed one, and others of the last quarter of an hour. */
function seenNow(shown: Picture, now: number): { sighting: Sighting; named: boolean }[] {
  return [...knownThen(shown, now), ...knownLater(now)];
}

/** In the review: what was true at the moment already and became known only later. */
function knownLater(now: number): { sighting: Sighting; named: boolean }[] {
  if (page.value !== "review" || lookAt.value === null) return [];
  return (live.value?.sightings ?? []).filter(
    (one) => one.lon !== null && !one.nothing_seen && ms_of(one.seen) <= now && ms_of(one.noted) > now + 1000,
  ).slice(0, 3).map((sighting) => ({ sighting, named: true }));
}

function knownThen(shown: Picture, now: number): { sighting: Sighting; named: boolean }[] {
  const placed = (shown.sightings ?? []).filter(
    (one) => !one.retracted && !one.nothing_seen && one.lon !== null && one.lat !== null,
  );
  const last = placed.filter((one) => one.confirmed).at(-1);
  const shownOnes = placed.filter((one) => one === last || now - Date.parse(one.seen) < 15 * 60_000).slice(-6);
  return shownOnes.map((one) => ({ sighting: one, named: one === last || one === shownOnes.at(-1) }));
}

function Sightings({ shown, now }: { shown: Picture; now: number }): JSX.Element {
  return <>{seenNow(shown, now).map((one) => <Seen key={one.sighting.sighting} one={one.sighting} named={one.named} />)}</>;
}

function Seen({ one, named }: { one: Sighting; named: boolean }): JSX.Element | null {
  void tick.value; // a view that reads signals is drawn again for them alone, not for its parent
  if (view === null || one.lon === null || one.lat === null) return null;
  const at = view.at(one.lon, one.lat);
  const beyond = at.x + seenWords(one) > view.chart.getContainer().clientWidth;
  const leftward = beyond && at.x > seenWords(one);
  const below = beyond && !leftward;
  return (
    <g transform={`translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`}>
      <SeenMark confirmed={one.confirmed && (lookAt.value === null || ms_of(one.noted) <= lookAt.value + 1000)} />
      {named && <text class="seen-text" x={below ? 0 : leftward ? -19 : 19} y={below ? 30 : 5} text-anchor={below ? "middle" : leftward ? "end" : "start"}>{seenText(one)}</text>}
    </g>
  );
}

function Draft(): JSX.Element | null {
  void tick.value;
  const made = draft.value;
  if (view === null || made.lon === null || made.lat === null || page.value !== "sighting") return null;
  const at = view.at(made.lon, made.lat);
  return (
    <g transform={`translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`}>
      <SeenMark confirmed={false} />
      <path class="seen-cross" d="M-30 0H-15M15 0H30M0 -30V-15M0 15V30" />
      <text class="seen-text" x="34" y="5">{t.newSightingAt(made.place)}</text>
    </g>
  );
}

function Scale({ width, height }: { width: number; height: number }): JSX.Element | null {
  void tick.value;
  if (view === null || width < 100) return null;
  const y = height - 30;
  const a = view.chart.unproject([20, y]);
  const b = view.chart.unproject([120, y]);
  const metres = a.distanceTo(b);
  const step = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000].findLast((one) => one <= metres) ?? 50;
  const long = (step / metres) * 100;
  return (
    <g class="scale" transform={`translate(14 ${height - 12})`}>
      <path d={`M0 -5V0H${long.toFixed(1)}V-5`} />
      <text x="0" y="-8">{step >= 1000 ? `${step / 1000} km` : `${step} m`}</text>
    </g>
  );
}

// ---- legend and the picture drawn by the node ----------------------------------------------------

function Legend(): JSX.Element {
  const shown = picture.value;
  const stale = shown?.line.up === false;
  const looks = new Set((shown?.seals ?? []).map((one) => signOf(one, "", stale).look));
  const placedCameras = (cameras.value?.cameras ?? []).filter((one) => one.lon !== null);
  const bare = (look: SealSign["look"], text: string): JSX.Element => (
    <span><SealIcon sign={{ number: 0, look, tab: "" }} />{text}</span>
  );
  const old = (shown?.units ?? []).some((one) => one.fix !== null && nowMs.value - Date.parse(one.fix) > 5 * 60_000);
  return (
    <div class="legend">
      {beliefMissing.value && shown?.belief === null && (shown?.sightings?.length ?? 0) > 0 && (
        <span class="amb">{t.beliefNotKnown}</span>
      )}
      {looks.has("closed") && bare("closed", t.legendClosed)}
      {looks.has("way") && bare("way", t.legendWay)}
      {looks.has("planned") && bare("planned", t.stateOf("planned"))}
      {looks.has("late") && bare("late", t.legendLate)}
      {looks.has("old") && bare("old", t.legendOld)}
      {(shown?.ways.some((one) => one.still_open) ?? false) && <span class="red"><CrossIcon size={14} /> {t.legendOpen}</span>}
      {(shown?.seals.some((one) => one.theirs) ?? false) && (
        <span><span class="tabword">{shown?.them.tab}</span>{t.legendTheirs(shown?.them.name ?? "")}</span>
      )}
      {(shown?.units?.length ?? 0) > 0 && <span><UnitIcon look="free" /> {t.legendUnit}</span>}
      {view !== null && tick.value >= 0 && view.showsCameras && placedCameras.length > 0 && (
        <span><CameraIcon blind={false} /> {t.legendCamera}</span>
      )}
      {view !== null && view.showsCameras && placedCameras.some((one) => one.blind !== null) && (
        <span class="amb"><CameraIcon blind /> {t.legendBlind}</span>
      )}
      {old && <span class="amb"><UnitIcon look="old" /> {t.legendUnitOld}</span>}
      {(shown?.sightings?.length ?? 0) > 0 && (
        <span><i class="roadline now" /><i class="roadline five" /><i class="roadline ten" /> {t.legendFront}</span>
      )}
      {!beliefMissing.value && shown?.belief !== null && shown !== null && (
        <span><i class="band b50" /><i class="band b90" /><i class="band b99" /> {t.legendBelief}</span>
      )}
      {!connected.value && pictureTaken.value !== null && <span class="amb">{t.pictureOf(clock(pictureTaken.value))}</span>}
    </div>
  );
}
