// All keys on one page.
import type { JSX } from "preact";
import { ALL_KEYS } from "../keys";
import { t } from "../messages";
import { go } from "../state/route";
import { keysOff, turnKeys, turnTheme } from "../state/settings";

export function KeysPage(): JSX.Element {
  return (
    <section class="sec grow" aria-label={t.keys}>
      <div class="hd"><p class="say">{t.keys}</p><span class="r">{keysOff.value ? t.keysOff : t.keysOn}</span></div>
      <p class="q">{t.keysNote}</p>
      <ul class="allkeys">{ALL_KEYS.map((one) => <li key={one}><kbd>{one}</kbd> {t.keyName(one)}</li>)}</ul>
      <div class="btns">
        <button type="button" class="btn" aria-pressed={keysOff.value} onClick={turnKeys}>{keysOff.value ? t.turnKeysOn : t.turnKeysOff}</button>
        <button type="button" class="btn" onClick={turnTheme}>{t.theme}</button>
        <button type="button" class="btn first" onClick={() => go("home")}><kbd>Esc</kbd> {t.back}</button>
      </div>
    </section>
  );
}
