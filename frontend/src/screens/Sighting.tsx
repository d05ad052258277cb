// A new sighting: where, when, how sure. It takes the list's place; the open ways stay in sight.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { get } from "../api/client";
import type { FoundPlace } from "../api/types";
import { confirmation } from "../keys";
import { wanted } from "../map/MapPane";
import { t } from "../messages";
import { TopPart } from "../parts/SideList";
import { clearDraft, draft, write } from "../state/draft";
import { send } from "../state/outbox";
import { go } from "../state/route";
import { askedNow, incident, picture, role } from "../state/store";

const MINUTES = [0, 1, 2, 5];

export function SightingPage(): JSX.Element {
  const shown = picture.value;
  return (
    <>
      <aside class="side">
        {shown !== null && shown.ways.some((one) => one.still_open) && <TopPart shown={shown} most={4} />}
        <SightingForm />
      </aside>
    </>
  );
}

function SightingForm(): JSX.Element {
  const made = draft.value;
  const why = useSignal("");
  const busy = useSignal(false);
  const report = async (): Promise<void> => {
    if (busy.value) return;
    if (made.lon === null || made.lat === null) {
      why.value = t.noPlaceYet;
      return;
    }
    busy.value = true;
    why.value = "";
    const now = await askedNow();
    const body = {
      lon: made.lon, lat: made.lat, ...(made.section === null ? {} : { section: made.section }),
      place: made.place, seen: new Date(now - made.minutesAgo * 60_000).toISOString(),
      source: made.source || t.notGiven, grade: made.confirmed ? "B1" : "C3", confirmed: made.confirmed,
      ...(made.towards ? { towards: made.towards } : {}),
    };
    const done = await send(incident.value, "sighting.note", body, t.sightingTitle(made.place), role.value);
    busy.value = false;
    if (done.stage === "refused") why.value = done.why;
    else {
      clearDraft();
      go("home");
      wanted.value = { do: "fit" }; // from the place back to all of it
    }
  };
  useEffect(() => {
    confirmation.run = () => void report();
    return () => (confirmation.run = null);
  });
  return (
    <section class="sec form grow" aria-label={t.newSighting}>
      <div class="hd"><p class="say">{t.newSighting}</p><span class="r">{t.clickOrType}</span></div>
      <Place />
      <div class="half">
        <fieldset>
          <legend>{t.when}</legend>
          <div class="seg">
            {MINUTES.map((n) => (
              <button type="button" key={n} aria-pressed={made.minutesAgo === n} onClick={() => write({ minutesAgo: n })}>
                {n === 0 ? t.now : t.minutesAgo(n)}
              </button>
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend>{t.howSure}</legend>
          <div class="seg">
            <button type="button" aria-pressed={!made.confirmed} onClick={() => write({ confirmed: false })}>{t.unconfirmed}</button>
            <button type="button" aria-pressed={made.confirmed} onClick={() => write({ confirmed: true })}>{t.confirmed}</button>
          </div>
        </fieldset>
      </div>
      <div class="half">
        <label>{t.whoSays}<input value={made.source} placeholder={t.whoSaysHint} maxLength={200} onInput={(event) => write({ source: event.currentTarget.value })} /></label>
        <label>{t.towards}<input value={made.towards} maxLength={200} onInput={(event) => write({ towards: event.currentTarget.value })} /></label>
      </div>
      <p class="q"><b>{t.unconfirmed}:</b> {t.unconfirmedMeans}<br /><b>{t.confirmed}:</b> {t.confirmedMeans}</p>
      {why.value && <p class="amb" role="alert">{why.value}</p>}
      <div class="btns">
        <button type="button" class="btn first" disabled={busy.value} onClick={() => void report()}>
          <kbd>Ctrl Enter</kbd> {made.confirmed ? t.reportConfirmed : t.reportUnconfirmed}
        </button>
        <button type="button" class="btn" onClick={() => go("home")}><kbd>Esc</kbd> {t.backDraftKept}</button>
      </div>
    </section>
  );
}

const COORDINATES = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/;

/** A field for a road, a place or coordinates, with what the network has of that name. */
export function Place({ chosen }: { chosen?: (lon: number, lat: number) => void }): JSX.Element {
  const found = useSignal<FoundPlace[] | null>(null);
  const at = useSignal(0);
  const field = useRef<HTMLInputElement>(null);
  const asked = useRef(0);
  useEffect(() => field.current?.focus(), []);
  const search = async (text: string): Promise<void> => {
    write({ text, place: "", lon: null, lat: null, section: null });
    const number = ++asked.current;
    const typed = COORDINATES.exec(text);
    if (typed !== null) {
      const lat = Number(typed[1]);
      const lon = Number(typed[2]);
      if (Math.abs(lat) <= 90 && Math.abs(lon) <= 180) take({ name: `${lat}, ${lon}`, near: "", lon, lat, section: null });
      return;
    }
    if (text.trim().length < 2) {
      found.value = null;
      return;
    }
    await new Promise((end) => setTimeout(end, 120));
    if (number !== asked.current) return;
    const query = { q: text.trim().slice(0, 80), ...(incident.value === null ? {} : { incident: incident.value }) };
    const rows = await get("/v1/region/search", { query }).catch(() => []);
    if (number !== asked.current) return;
    found.value = rows.slice(0, 6);
    at.value = 0;
  };
  const take = (one: FoundPlace): void => {
    const name = one.near ? `${one.name}, ${one.near}` : one.name;
    write({ text: name, place: name, lon: one.lon, lat: one.lat, section: one.section ?? null });
    found.value = null;
    wanted.value = { do: "focus", lon: one.lon, lat: one.lat };
    chosen?.(one.lon, one.lat);
  };
  const key = (event: KeyboardEvent): void => {
    const rows = found.value;
    if (rows === null || event.ctrlKey) return;
    if (event.key === "ArrowDown") at.value = Math.min(rows.length - 1, at.value + 1);
    else if (event.key === "ArrowUp") at.value = Math.max(0, at.value - 1);
    else if (event.key === "Enter") {
      const one = rows[at.value];
      if (one !== undefined) take(one);
    } else return;
    event.preventDefault();
  };
  return (
    <div class="place">
      <label>{t.where}
        <input
          ref={field} value={draft.value.text} role="combobox" aria-expanded={found.value !== null} aria-controls="found" autocomplete="off"
          aria-activedescendant={found.value?.length ? `found-${at.value}` : undefined} spellcheck={false} maxLength={80}
          onInput={(event) => void search(event.currentTarget.value)} onKeyDown={key}
        />
      </label>
      <ul id="found" role="listbox" class="options" aria-label={t.where} hidden={found.value === null}>
        {found.value?.map((one, index) => (
          <li key={`${one.name}-${one.near}-${one.section ?? ""}`} id={`found-${index}`} role="option" aria-selected={index === at.value}
            class={index === at.value ? "on" : ""} onPointerDown={(event) => { event.preventDefault(); take(one); }}>
            <span>{one.near ? `${one.name}, ${one.near}` : one.name}</span>
          </li>
        ))}
        {found.value?.length === 0 && <li role="option" aria-selected={false} aria-disabled>{t.notFound}</li>}
      </ul>
      {found.value !== null && found.value.length > 0 && <span class="hint">{t.chooseHint}</span>}
    </div>
  );
}
