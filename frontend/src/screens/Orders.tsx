// Orders and readiness: what each unit was told, what it reported, and what may be reported for it.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Picture, Seal } from "../api/types";
import { t } from "../messages";
import { stateText } from "../parts/SideList";
import { isLong, roadAt } from "../parts/names";
import { walk } from "../parts/rows";
import { SealIcon, signOf } from "../parts/signs";
import { send } from "../state/outbox";
import { issue } from "../state/planning";
import { incident, lookAt, may, picture, role } from "../state/store";
import { clock } from "../state/time";

const FOLLOWS: Record<string, string[]> = {
  issued: ["acknowledged", "under way", "in position", "closed", "refused"],
  acknowledged: ["under way", "in position", "closed", "refused"],
  "under way": ["in position", "closed", "refused"],
  "in position": ["closed", "refused"],
  closed: ["refused"],
  withdrawn: ["reopened"],
};

export function Orders(): JSX.Element {
  const shown = picture.value;
  return (
    <>
      <aside class="side"><section class="sec grow scrolls" tabIndex={0} aria-label={t.orders}>{shown !== null && <OrderList shown={shown} />}</section></aside>
    </>
  );
}

export function OrderList({ shown, agencies }: { shown: Picture; agencies?: Set<string> }): JSX.Element {
  const open = useSignal("");
  const mine = shown.seals.filter((one) => !one.theirs && (agencies === undefined || one.units.some((unit) => agencies.has(agencyOf(shown, unit)))));
  const planned = mine.filter((one) => one.orders.length === 0 && one.state === "planned");
  const told = shown.seals.some((one) => !one.theirs && one.orders.length > 0);
  return (
    <>
      <div class="hd"><h2>{t.orders}</h2><span class="r">{t.ordersHint}</span></div>
      {mine.length === 0 && <p class="q">{t.ordersNone}</p>}
      {mine.length > 0 && <table onKeyDown={walk}>
        <thead><tr><th>{t.no}</th><th>{t.road}</th><th>{t.unitHead}</th><th>{t.state}</th></tr></thead>
        <tbody>{mine.map((one) => <OrderRows key={one.site} seal={one} shown={shown} open={open} />)}</tbody>
      </table>}
      {lookAt.value === null && (
        <div class="btns">
          {planned.length > 0 && may("orders.issue") && <button type="button" class="btn first" onClick={() => void issue(planned.length)}>{t.issueOrders(planned.length)}</button>}
          {told && may("seals.tell") && <button type="button" class="btn" onClick={() => void send(incident.value, "seals.tell", {}, t.tellOther(shown.them.name), role.value)}>{t.tellOther(shown.them.name)}</button>}
        </div>
      )}
    </>
  );
}

function agencyOf(shown: Picture, unit: string): string {
  return shown.units?.find((one) => one.unit === unit)?.agency ?? "";
}

function OrderRows({ seal, shown, open }: { seal: Seal; shown: Picture; open: { value: string } }): JSX.Element {
  const said = stateText(seal, shown);
  const isOpen = open.value === seal.site;
  const turn = (): void => { open.value = isOpen ? "" : seal.site; };
  return (
    <>
      <tr tabIndex={0} class={isOpen ? "sel" : ""} onClick={turn} onKeyDown={(event) => { if (event.key === "Enter") turn(); }}>
        <td><SealIcon sign={signOf(seal, "", false)} /><span class="unseen">{seal.number}</span></td>
        <td><span class={`clip road${isLong(roadAt(seal), 20)}`}>{roadAt(seal)}</span></td>
        <td><span class={`clip held${isLong(seal.units.join(", "), 13)}`}>{seal.units.join(", ")}</span></td>
        <td class={said.late ? "amb" : ""}><span class={`clip state${isLong(said.text, 18)}`}>{said.text}</span></td>
      </tr>
      {isOpen && seal.orders.map((order, index) => (
        <tr key={order} class="more"><td colSpan={4}><OrderCard seal={seal} index={index} order={order} /></td></tr>
      ))}
    </>
  );
}

function OrderCard({ seal, index, order }: { seal: Seal; index: number; order: string }): JSX.Element {
  const why = useSignal("");
  const reported = seal.reported[index] ?? "";
  const next = (FOLLOWS[reported] ?? []).filter((one) => one !== "refused");
  const move = (state: string, reason: string): void => {
    void send(incident.value, "order.move", { order, state, ...(reason ? { reason } : {}) }, `${seal.units[index] ?? ""}: ${t.orderStateOf(state)}`, role.value);
  };
  return (
    <div class="card">
      <p class="q">{t.reportedAs}: <b>{t.orderStateOf(reported)}</b>{seal.since ? `, ${clock(seal.since)}` : ""} {seal.reason && `“${seal.reason}”`}</p>
      {lookAt.value === null && may("order.move") && (
        <>
          <div class="btns">{next.map((one) => <button type="button" class="btn" key={one} onClick={() => move(one, "")}>{t.orderStateOf(one)}</button>)}</div>
          {(FOLLOWS[reported] ?? []).includes("refused") && (
            <div class="btns">
              <input class="grow" aria-label={t.cannotWhy} placeholder={t.cannotWhy} value={why.value} maxLength={400} onInput={(event) => (why.value = event.currentTarget.value)} />
              <button type="button" class="btn" disabled={!why.value.trim()} onClick={() => move("refused", why.value.trim())}>{t.sayCannot}</button>
            </div>
          )}
          {may("orders.withdraw") && (
            <div class="btns">
              <button type="button" class="btn" disabled={!why.value.trim()} onClick={() => void send(incident.value, "orders.withdraw", { orders: [order], reason: why.value.trim() }, t.withdraw, role.value)}>{t.withdraw}</button>
            </div>
          )}
        </>
      )}
    </div>
  );
}
