// The style of the map. Every colour and width is read from the tokens of the page.
import type { ExpressionSpecification, StyleSpecification } from "maplibre-gl";
import type { Region } from "../api/types";

/** Own cameras are drawn from this zoom on: below, they would lie on the seals. */
export const CAMERAS_FROM = 12;
export const FACE = ["Atkinson Hyperlegible Next"];

export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function px(name: string): number {
  return Number.parseFloat(token(name));
}

/** A width that grows with the zoom, 1.5-fold for each step, and is what the tokens say at 11. */
function scaled(of: (grow: number) => ExpressionSpecification | number): ExpressionSpecification {
  return [
    "interpolate", ["exponential", 1.5], ["zoom"],
    7, of(0.4), 11, of(1), 14, of(2.2), 18, of(7),
  ] as unknown as ExpressionSpecification;
}

function byClass(grow: number): ExpressionSpecification {
  return [
    "match", ["get", "c"],
    1, px("road-1") * grow, 2, px("road-2") * grow, 3, px("road-3") * grow,
    4, px("road-4") * grow, px("road-5") * grow,
  ];
}

/** Colours of the roads: the front, or all alike before it is known. */
export function roadColour(hasFront: boolean): ExpressionSpecification {
  if (!hasFront) return ["match", ["get", "c"], [1, 2], token("road-5m"), token("road-10m")];
  return [
    "match", ["feature-state", "f"],
    0, token("road-now"), 1, token("road-5m"), 2, token("road-10m"), token("road-no"),
  ];
}

const BELIEF: ExpressionSpecification = ["feature-state", "b"];

export function beliefPaint(): Record<string, unknown> {
  const width = (grow: number): ExpressionSpecification => [
    "match", BELIEF,
    1, px("belief-50") * grow, 2, px("belief-90") * grow, 3, px("belief-99") * grow, 0,
  ];
  return {
    "line-color": [
      "match", BELIEF,
      1, token("belief-c50"), 2, token("belief-c90"), 3, token("belief-c99"), "rgba(0,0,0,0)",
    ],
    // Steps: what lies between two widths is reckoned for each road each time the belief changes.
    "line-width": ["step", ["zoom"], width(0.5), 9, width(0.8), 11, width(1), 13, width(1.8), 15, width(3.5)],
  };
}

/**
 * One layout for both layers of the roads: they are then laid out once. Round ends and bends double
 * what is drawn, and are seen on wide lines alone.
 */
const ROADS = {
  "line-cap": ["step", ["zoom"], "butt", 12, "round"] as unknown as "round",
  "line-join": ["step", ["zoom"], "bevel", 12, "round"] as unknown as "round",
  "line-sort-key": ["-", 0, ["get", "c"]] as ExpressionSpecification,
};

export function mapStyle(region: Region, hasFront: boolean): StyleSpecification {
  const halo = { "text-halo-color": token("land"), "text-halo-width": 1.5 };
  return {
    version: 8,
    sources: {
      roads: {
        type: "vector",
        tiles: [`${location.origin}/v1/tiles/${region.digest}/{z}/{x}/{y}`],
        minzoom: 0,
        maxzoom: region.deepest,
        bounds: region.bounds,
      },
      borders: { type: "geojson", data: { type: "FeatureCollection", features: borders(region) } },
      places: { type: "geojson", data: places(region) },
      exits: { type: "geojson", data: exits(region) },
      ways: { type: "geojson", data: empty() },
      "unit-ways": { type: "geojson", data: empty() },
      units: { type: "geojson", data: empty() },
      cameras: { type: "geojson", data: empty() },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": token("ground") } },
      {
        id: "land", type: "fill", source: "borders",
        filter: ["all", ["!", ["get", "line"]], region.own.length ? ["in", ["get", "name"], ["literal", region.own]] : true],
        paint: { "fill-color": token("land"), "fill-antialias": false },
      },
      {
        id: "border", type: "line", source: "borders", filter: ["==", ["get", "line"], true],
        paint: { "line-color": token("hair"), "line-width": px("w-hair") * 1.5 },
      },
      {
        id: "belief", type: "line", source: "roads", "source-layer": "roads",
        layout: ROADS,
        paint: beliefPaint(),
      },
      {
        id: "roads", type: "line", source: "roads", "source-layer": "roads",
        layout: ROADS,
        paint: { "line-color": roadColour(hasFront), "line-width": scaled(byClass) },
      },
      {
        id: "unit-ways", type: "line", source: "unit-ways",
        layout: { "line-cap": "butt" },
        paint: {
          "line-color": token("text-2"), "line-width": px("unit-way"), "line-dasharray": [1.3, 2.6],
        },
      },
      {
        id: "ways-case", type: "line", source: "ways",
        layout: { "line-join": "round" },
        paint: { "line-color": token("land"), "line-width": px("open-case") },
      },
      {
        id: "ways", type: "line", source: "ways",
        layout: { "line-join": "round" },
        paint: {
          "line-color": token("alarm-line"), "line-width": px("open-way"),
          "line-dasharray": [2, 1],
        },
      },
      {
        id: "exits", type: "symbol", source: "exits",
        layout: { "icon-image": "exit", "icon-allow-overlap": true, "icon-ignore-placement": true },
      },
      {
        id: "road-names", type: "symbol", source: "roads", "source-layer": "roads", minzoom: 13.5,
        filter: ["has", "n"],
        layout: {
          "symbol-placement": "line", "text-field": ["get", "n"], "text-font": FACE,
          "text-size": px("t-least"), "text-max-angle": 30, "text-padding": 12,
        },
        paint: { "text-color": token("text-2"), ...halo },
      },
      {
        id: "places", type: "symbol", source: "places",
        layout: {
          "text-field": ["get", "name"], "text-font": FACE, "text-size": 14,
          "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 0.7,
          "text-justify": "auto", "text-padding": 6,
        },
        paint: { "text-color": token("text-2"), ...halo },
      },
      {
        id: "cameras", type: "symbol", source: "cameras", minzoom: CAMERAS_FROM,
        layout: {
          "icon-image": ["concat", "camera-", ["get", "look"]], "icon-allow-overlap": true,
          "icon-ignore-placement": true, "text-field": ["get", "label"], "text-font": FACE,
          "text-size": px("t-least"), "text-anchor": "left", "text-offset": [1, 0],
          "text-optional": true,
        },
        paint: {
          "text-color": ["match", ["get", "look"], "blind", token("late-text"), token("text-2")],
          ...halo,
        },
      },
      {
        id: "units", type: "symbol", source: "units",
        layout: {
          "icon-image": ["concat", "unit-", ["get", "look"]], "icon-allow-overlap": true,
          "icon-ignore-placement": true, "symbol-sort-key": ["get", "rank"],
          "text-field": ["get", "label"], "text-font": FACE, "text-size": px("t-least"),
          "text-anchor": "left", "text-offset": [0.9, 0], "text-optional": true,
        },
        paint: {
          "text-color": ["match", ["get", "look"], "old", token("late-text"), token("text-2")],
          ...halo,
        },
      },
    ],
  };
}

export function empty(): GeoJSON.FeatureCollection {
  return { type: "FeatureCollection", features: [] };
}

function borders(region: Region): GeoJSON.Feature[] {
  return region.borders as unknown as GeoJSON.Feature[];
}

function points(found: { name: string; lon: number; lat: number }[]): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: found.map((one) => ({
      type: "Feature", properties: { name: one.name },
      geometry: { type: "Point", coordinates: [one.lon, one.lat] },
    })),
  };
}

function places(region: Region): GeoJSON.FeatureCollection {
  return points(region.places);
}

function exits(region: Region): GeoJSON.FeatureCollection {
  return points(region.exits);
}

/** The small pictures that the map needs: a diamond for each look of a unit, a cross for an exit. */
export function icons(): Record<string, ImageData> {
  return {
    "unit-free": diamond(token("edge"), true),
    "unit-used": diamond(token("text"), true),
    "unit-old": diamond(token("late-edge"), false),
    "camera-sees": eye(token("text-2"), true),
    "camera-blind": eye(token("late-edge"), false),
    exit: drawn(12, (pen) => {
      pen.strokeStyle = token("edge");
      pen.lineWidth = 1.6;
      pen.beginPath();
      pen.moveTo(2.5, 2.5);
      pen.lineTo(9.5, 9.5);
      pen.moveTo(9.5, 2.5);
      pen.lineTo(2.5, 9.5);
      pen.stroke();
    }),
  };
}

function diamond(colour: string, filled: boolean): ImageData {
  return drawn(18, (pen) => {
    pen.beginPath();
    pen.moveTo(9, 2.5);
    pen.lineTo(15.5, 9);
    pen.lineTo(9, 15.5);
    pen.lineTo(2.5, 9);
    pen.closePath();
    pen.lineWidth = 2;
    pen.strokeStyle = filled ? token("land") : colour;
    pen.fillStyle = filled ? colour : token("land");
    pen.fill();
    pen.stroke();
  });
}

/** A camera: a box with its lens to the right; struck through where it is blind. */
function eye(colour: string, sees: boolean): ImageData {
  return drawn(20, (pen) => {
    pen.lineWidth = 2;
    pen.strokeStyle = sees ? token("land") : colour;
    pen.fillStyle = sees ? colour : token("land");
    pen.beginPath();
    pen.rect(2, 6, 10, 8);
    pen.moveTo(12, 10);
    pen.lineTo(18, 5.5);
    pen.lineTo(18, 14.5);
    pen.closePath();
    pen.fill();
    pen.stroke();
    if (sees) return;
    pen.beginPath();
    pen.moveTo(3, 18);
    pen.lineTo(17, 2);
    pen.stroke();
  });
}

function drawn(size: number, draw: (pen: CanvasRenderingContext2D) => void): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * 2;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (pen === null) return new ImageData(size * 2, size * 2);
  pen.scale(2, 2);
  draw(pen);
  return pen.getImageData(0, 0, size * 2, size * 2);
}
