// A call with the other side, written down.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { confirmation } from "../keys";
import { t } from "../messages";
import { send } from "../state/outbox";
import { go } from "../state/route";
import { incident, me, picture, role } from "../state/store";
import { nodeNow } from "../state/time";

const BETWEEN = ["duty officers", "liaison officers", "chiefs", "heads", "others"];

export function Call(): JSX.Element {
  const call = useSignal({ between: "duty officers", ours: me.value?.display ?? "", theirs: "", asked: "", they: "", agreed: "" });
  const why = useSignal("");
  const set = (part: Partial<typeof call.value>): void => { call.value = { ...call.value, ...part }; };
  const log = async (): Promise<void> => {
    const now = call.value;
    const done = await send(incident.value, "call.log", {
      between: now.between, ours: now.ours, theirs: now.theirs, began: new Date(nodeNow() - 60_000).toISOString(), minutes: 1,
      we_asked: now.asked, they_asked: now.they, agreed: now.agreed,
    }, t.logCall, role.value);
    if (done.stage === "refused") why.value = done.why;
    else go("home");
  };
  useEffect(() => {
    confirmation.run = () => void log();
    return () => (confirmation.run = null);
  });
  const field = (label: string, key: "ours" | "theirs" | "asked" | "they" | "agreed"): JSX.Element => (
    <label>{label}<input value={call.value[key]} maxLength={400} onInput={(event) => set({ [key]: event.currentTarget.value })} /></label>
  );
  return (
    <>
      <aside class="side">
        <section class="sec form grow" aria-label={t.logCall}>
          <p class="say">{t.logCall}: {picture.value?.them.name}</p>
          <label>{t.callBetween}
            <select value={call.value.between} onChange={(event) => set({ between: event.currentTarget.value })}>{BETWEEN.map((one) => <option key={one} value={one}>{t.callBetweenWhom(one)}</option>)}</select>
          </label>
          <div class="half">{field(t.callOurs, "ours")}{field(t.callTheirs, "theirs")}</div>
          {field(t.callAsked, "asked")}{field(t.callTheyAsked, "they")}{field(t.callAgreed, "agreed")}
          {why.value && <p class="amb" role="alert">{why.value}</p>}
          <div class="btns">
            <button type="button" class="btn first" onClick={() => void log()}><kbd>Ctrl Enter</kbd> {t.logCall}</button>
            <button type="button" class="btn" onClick={() => go("home")}><kbd>Esc</kbd> {t.back}</button>
          </div>
        </section>
      </aside>
    </>
  );
}
