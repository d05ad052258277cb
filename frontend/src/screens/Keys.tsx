// All keys on one page.
import type { JSX } from "preact";
import { ALL_KEYS, press } from "../keys";
import { t } from "../messages";
import { go } from "../state/route";
import { keysOff, turnKeys, turnTheme } from "../state/settings";

// What a key does, a click on it does, too; Escape, arrows and Enter are for where one is.
const DOES = new Set(ALL_KEYS.filter((one) => one.length === 1 && one !== "?"));

export function KeysPage(): JSX.Element {
  return (
    <section class="sec grow" aria-label={t.keys}>
      <div class="hd"><p class="say">{t.keys}</p><span class="r">{keysOff.value ? t.keysOff : t.keysOn}</span></div>
      <p class="q">{t.keysNote}</p>
      <ul class="allkeys">{ALL_KEYS.map((one) => <li key={one}>{DOES.has(one)
        ? <button type="button" class="keybtn wide" onClick={() => press(one)}><kbd>{one}</kbd> {t.keyName(one)}</button>
        : <><kbd>{one}</kbd> {t.keyName(one)}</>}</li>)}</ul>
      <div class="btns">
        <button type="button" class="btn" aria-pressed={keysOff.value} onClick={turnKeys}>{keysOff.value ? t.turnKeysOn : t.turnKeysOff}</button>
        <button type="button" class="btn" onClick={turnTheme}>{t.theme}</button>
        <button type="button" class="btn first" onClick={() => go("home")}><kbd>Esc</kbd> {t.back}</button>
      </div>
    </section>
  );
}
