// The picture for a browser that cannot draw the map: roads as paths from the node, with our signs.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { get } from "../api/client";
import type { components } from "../api/schema";
import { t } from "../messages";
import { SealMark, SeenMark, signOf } from "../parts/signs";
import { incident, picture } from "../state/store";

type Drawing = components["schemas"]["DrawingShown"];

export function Drawn({ again }: { again: () => void }): JSX.Element {
  const drawing = useSignal<Drawing | null>(null);
  const name = incident.value;
  useEffect(() => {
    void get("/v1/region/drawing", { query: name === null ? {} : { incident: name } })
      .then((found) => (drawing.value = found)).catch(() => undefined);
  }, [name]);
  const box = drawing.value;
  return (
    <div class="mapword drawn">
      <p>{t.mapLost}</p>
      <button type="button" class="btn" onClick={again}>{t.mapRetry}</button>
      {box !== null && <Paper box={box} />}
    </div>
  );
}

function Paper({ box }: { box: Drawing }): JSX.Element {
  const shown = picture.value;
  const x = (lon: number): number => (lon - box.west) * box.x_per_degree;
  const y = (lat: number): number => (box.north - lat) * box.y_per_degree;
  const seen = (shown?.sightings ?? []).filter((one) => one.lon !== null && !one.retracted && !one.nothing_seen).slice(-3);
  return (
    <svg class="paperroads" role="img" aria-label={t.picture} viewBox={`0 0 ${box.width.toFixed(0)} ${box.height.toFixed(0)}`}>
      {box.roads.map((one) => <path key={one.c} class={`drawn-${one.c}`} d={one.d} />)}
      {shown?.ways.filter((one) => one.still_open).map((one) => (
        <polyline key={one.letter} class="drawn-way" points={one.line.map(([lon, lat]) => `${x(lon).toFixed(1)},${y(lat).toFixed(1)}`).join(" ")} />
      ))}
      {shown?.seals.map((one) => one.lon !== null && one.lat !== null && (
        <g key={one.site} transform={`translate(${x(one.lon).toFixed(1)} ${y(one.lat).toFixed(1)})`}><SealMark sign={signOf(one, shown.them.tab, shown.line.up === false)} /></g>
      ))}
      {seen.map((one) => <g key={one.sighting} transform={`translate(${x(one.lon as number).toFixed(1)} ${y(one.lat as number).toFixed(1)})`}><SeenMark confirmed={one.confirmed} /></g>)}
    </svg>
  );
}
