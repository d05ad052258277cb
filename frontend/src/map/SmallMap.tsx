// The map of one order: the site, the unit, and the roads between.
import { effect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import type { OwnOrder, OwnUnit } from "../api/types";
import { t } from "../messages";
import { SealMark } from "../parts/signs";
import { theme } from "../state/settings";
import { region } from "../state/store";
import type { MapView } from "./view";

const tick = signal(0);

export function SmallMap({ unit, order }: { unit: OwnUnit; order: OwnOrder | null }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<MapView | null>(null);
  const at = region.value;
  const points = [
    ...(order?.lon != null && order.lat != null ? [[order.lon, order.lat] as [number, number]] : []),
    ...(unit.lon !== null && unit.lat !== null ? [[unit.lon, unit.lat] as [number, number]] : []),
  ];
  useEffect(() => {
    const box = place.current;
    if (box === null || at === null) return undefined;
    let gone = false;
    let ends: (() => void)[] = [];
    void import("./view").then(({ MapView }) => {
      if (gone) return;
      const made = new MapView(box, at, { moved: () => (tick.value = tick.peek() + 1), clicked: () => undefined, lost: () => undefined, ready: () => undefined });
      view.current = made;
      made.fit(points);
      let first = true;
      ends = [effect(() => {
        if (theme.value && !first) made.restyle();
        first = false;
      })];
    }).catch(() => undefined);
    return () => {
      gone = true;
      for (const end of ends) end();
      view.current?.remove();
      view.current = null;
    };
  }, [at?.digest, order?.order]);
  void tick.value;
  const chart = view.current;
  const spot = (lon: number | null | undefined, lat: number | null | undefined): { x: number; y: number } | null =>
    chart === null || lon == null || lat == null ? null : chart.at(lon, lat);
  const site = spot(order?.lon, order?.lat);
  const here = spot(unit.lon, unit.lat);
  return (
    <div class="map small" role="img" aria-label={t.mapOf(order?.road ?? "")}>
      <div class="chart" ref={place} />
      <svg class="signs" aria-hidden="true">
        {site !== null && here !== null && <line class="uway" x1={here.x} y1={here.y} x2={site.x} y2={site.y} />}
        {site !== null && order !== null && (
          <g transform={`translate(${site.x.toFixed(1)} ${site.y.toFixed(1)})`}>
            <SealMark sign={{ number: order.number, look: order.state === "closed" ? "closed" : "proposed", tab: "" }} />
            <text class="place-text" x="17" y="5">{order.road}</text>
          </g>
        )}
        {here !== null && (
          <g transform={`translate(${here.x.toFixed(1)} ${here.y.toFixed(1)})`} class="unit-used"><path d="M0 -7L7 0L0 7L-7 0Z" /><text class="place-text" x="12" y="-6">{t.here}</text></g>
        )}
      </svg>
      <p class="attribution">{at?.attribution}</p>
    </div>
  );
}
