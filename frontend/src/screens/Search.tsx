// Search a road or place: the map goes there, and a sighting may begin there.
import type { JSX } from "preact";
import { t } from "../messages";
import { draft } from "../state/draft";
import { go } from "../state/route";
import { may } from "../state/store";
import { Place } from "./Sighting";

export function SearchPage(): JSX.Element {
  return (
    <>
      <aside class="side">
        <section class="sec form grow" aria-label={t.searchLabel}>
          <p class="say">{t.searchLabel}</p>
          <Place />
          <div class="btns">
            {may("sighting.note") && <button type="button" class="btn" disabled={draft.value.lon === null} onClick={() => go("sighting")}><kbd>S</kbd> {t.newSighting}</button>}
            <button type="button" class="btn" onClick={() => go("home")}><kbd>Esc</kbd> {t.back}</button>
          </div>
        </section>
      </aside>
    </>
  );
}
