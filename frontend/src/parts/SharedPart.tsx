// What left this node for the other side, by what the two agreed to share; and what may leave now.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { get } from "../api/client";
import type { Shared } from "../api/types";
import { t } from "../messages";
import { incident } from "../state/store";
import { clock } from "../state/time";

const LAST = 8;

/** `after` changes when something was said: then it is read again. */
export function SharedPart({ name, after }: { name: string; after: number }): JSX.Element {
  const told = useSignal<Shared | null>(null);
  const whole = useSignal(false);
  useEffect(() => {
    const of = incident.value;
    if (of === null) return;
    void get("/v1/incidents/{incident}/shared", { path: { incident: of } }).then((found) => (told.value = found)).catch(() => undefined);
  }, [incident.value, after]);
  const agreed = told.value?.agreed ?? [];
  const left = told.value?.left ?? [];
  const shown = agreed.filter((one) => one.times > 0);
  const more = agreed.filter((one) => one.times === 0 && one.now);
  const titles = new Map(agreed.map((one) => [one.name, t.disclosure(one.name, one.title)]));
  return (
    <section class="sec" aria-label={t.shared(name)}>
      <div class="hd"><h2>{t.shared(name)}</h2><span class="r">{told.value === null ? t.loading : t.messagesLeft(left.length)}</span></div>
      {shown.length > 0 && (
        <table><thead><tr><th>{t.what}</th><th class="n">{t.howOften}</th><th class="n">{t.lastTime}</th></tr></thead>
          <tbody>{shown.map((one) => (
            <tr key={one.name}><td><span class="clip wide" title={one.title}>{titles.get(one.name)}</span></td><td class="n">{one.times}×</td><td class="n">{clock(one.last)}</td></tr>
          ))}</tbody></table>
      )}
      {more.length > 0 && <p class="q s">{t.mayBeShared(more.map((one) => titles.get(one.name)).join(", "))}</p>}
      <p class="q s">{t.neverShared}</p>
      {left.length > 0 && <div class="btns"><button type="button" class="btn small" aria-expanded={whole.value} onClick={() => (whole.value = !whole.value)}>{whole.value ? t.showLess : t.showEach}</button></div>}
      {whole.value && (
        <table><tbody>{left.slice(-LAST).reverse().map((one) => (
          <tr key={one.message}><td class="q">{clock(one.at)}</td><td><span class="clip wide" title={`${one.title}: ${one.contents.map((each) => titles.get(each)).join(", ")}`}>{one.title}</span></td><td class={one.delivered ? "n q" : "n amb"}>{one.delivered ? t.arrived : t.onItsWay}</td></tr>
        ))}</tbody></table>
      )}
      {whole.value && left.length > LAST && <p class="q s">{t.andMore(left.length - LAST)}</p>}
    </section>
  );
}
