// A unit's phone: one order, one count, one button at a time.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { get } from "../api/client";
import type { OwnOrder, OwnUnit } from "../api/types";
import { SmallMap } from "../map/SmallMap";
import { t } from "../messages";
import { CutIcon, DotIcon } from "../parts/signs";
import { Said } from "../parts/KeysBar";
import { roadAt } from "../parts/names";
import { isExercise } from "../parts/Bar";
import { outbox, send, waiting, type Command } from "../state/outbox";
import { connected, me, ownUnit, readOwn, role } from "../state/store";
import { clock, heardTime, left, nodeNow, nowMs } from "../state/time";

const STAGES = ["acknowledged", "under way", "in position", "closed"];
const EVERY_MS = 4000;

export function Phone(): JSX.Element {
  useEffect(() => {
    const read = (): void => {
      void get("/v1/me/orders").then((found) => {
        ownUnit.value = found;
        heardTime(found.at);
      }).catch(() => undefined);
    };
    read();
    const timer = window.setInterval(read, EVERY_MS);
    return () => window.clearInterval(timer);
  }, []);
  const unit = ownUnit.value;
  const order = unit?.orders[0];
  return (
    <div class="phone">
      <header class="phonebar">
        <b>{unit?.unit || me.value?.display}</b>
        {isExercise() && <b class="exercise">{t.exercise}</b>}
        {waiting.value.length ? <span class="amb"><CutIcon /> {t.waitsOne(waiting.value.length)}</span>
          : connected.value ? <span><DotIcon /> {t.sent}</span> : <span class="amb"><CutIcon /> {t.notConnected}</span>}
        <b>{clock(nowMs.value)}</b>
      </header>
      <main class="phonepage" aria-label={t.pageName("unit")}>
        {unit === null ? null : !unit.unit ? <p class="say pad">{t.noUnit}</p> : order === undefined ? <NoOrder unit={unit} /> : <Order unit={unit} order={order} />}
      </main>
      {outbox.value.some((one) => one.stage === "refused" || one.stage === "asks") && <footer class="phonefoot"><Said /></footer>}
    </div>
  );
}

/** The state that a command reports of an order; undefined if it is about something else. */
function reported(command: Command | undefined, order: OwnOrder): string | undefined {
  const body = command?.kind === "order.move" ? (command.body as { order: string; state: string }) : undefined;
  return body?.order === order.order ? body.state : undefined;
}

function NoOrder({ unit }: { unit: OwnUnit }): JSX.Element {
  return (
    <>
      <div class="pad"><h1 class="say">{unit.unanswered ? t.called : t.noOrder}</h1><p class="q">{t.noOrderLine}</p></div>
      <SmallMap unit={unit} order={null} />
      <div class="phonebtns">
        {unit.unanswered && (
          <button type="button" class="btn first huge" onClick={() => void send(unit.alert_incident || null, "unit.acknowledge", { unit: unit.unit }, t.answerCall, role.value)}>{t.answerCall}</button>
        )}
        <PositionButton unit={unit} />
      </div>
    </>
  );
}

function Order({ unit, order }: { unit: OwnUnit; order: OwnOrder }): JSX.Element {
  const saying = useSignal(false);
  const why = useSignal("");
  const now = nowMs.value;
  const pending = waiting.value.filter((one) => reported(one, order) !== undefined).at(-1);
  // What the node has on disk and has not shown yet counts, too: no button comes back.
  const told = outbox.value.filter((one) => one.stage === "done").map((one) => reported(one, order)).at(-1);
  const ahead = told !== undefined && STAGES.indexOf(told) > STAGES.indexOf(order.state) ? told : undefined;
  const said = reported(pending, order) ?? ahead;
  const reached = said ?? order.state;
  const at = STAGES.indexOf(reached);
  const next = order.next.find((one) => one !== "refused" && STAGES.indexOf(one) > at && STAGES.indexOf(one) === at + 1) ??
    (said === undefined ? order.next.find((one) => one !== "refused") : STAGES[at + 1]);
  const over = Date.parse(order.deadline) < now;
  const move = (state: string, reason = ""): void => {
    void send(order.incident, "order.move", { order: order.order, state, ...(reason ? { reason } : {}) }, t.phoneStage(state), role.value).then(readOwn);
  };
  return (
    <>
      <section class="pad order">
        <p class="q s">{t.orderFrom(order.number, order.ordered_by)}</p>
        <h1>{t.closeRoad(roadAt(order), "")}</h1>
        <p class="q">{t.nothingOut(order.toward)}</p>
      </section>
      {reached !== "closed" && reached !== "withdrawn" && reached !== "refused" && (
        <section class={`bycount${over ? " amb" : ""}`}>
          <div><span class="q">{over ? t.over : t.closedByLabel}</span><br /><b>{clock(order.deadline)}</b></div>
          <b class="phonecount">{left(order.deadline, now)}</b>
        </section>
      )}
      <SmallMap unit={unit} order={order} />
      <ol class="stages">{STAGES.map((one, index) => (
        <li key={one} class={index <= at ? "is-done" : index === at + 1 ? "is-next" : ""} aria-current={index === at + 1 ? "step" : undefined}>{t.phoneStage(one)}</li>
      ))}</ol>
      <div class="phonebtns">
        <p class="q s" role="status">{
          pending !== undefined && said !== undefined ? t.goesWhenSignal(t.phoneStage(said), clock(pending.given + (nodeNow() - Date.now())))
          : ahead !== undefined ? (ahead === "closed" ? t.allDone : t.youSaid(t.phoneStage(ahead), clock(now)))
          : order.state === "issued" ? t.cameAt(clock(order.ordered))
          : order.state === "withdrawn" ? t.withdrawnLine
          : order.state === "refused" ? t.refusedLine
          : order.state === "closed" ? t.allDone
          : t.youSaid(t.phoneStage(order.state), clock(order.since))
        }</p>
        {saying.value ? (
          <>
            <label>{t.cannotWhy}<textarea rows={2} value={why.value} maxLength={400} onInput={(event) => (why.value = event.currentTarget.value)} /></label>
            <button type="button" class="btn first huge" disabled={!why.value.trim()} onClick={() => { move("refused", why.value.trim()); saying.value = false; }}>{t.sayCannot}</button>
            <button type="button" class="btn touch" onClick={() => (saying.value = false)}>{t.back}</button>
          </>
        ) : (
          <>
            {next !== undefined && <button type="button" class="btn first huge" onClick={() => move(next)}>{t.phoneStep(next)}</button>}
            <div class="half">
              {order.next.includes("refused") && <button type="button" class="btn touch" onClick={() => (saying.value = true)}>{t.cannot}</button>}
              <PositionButton unit={unit} />
            </div>
          </>
        )}
      </div>
    </>
  );
}

function PositionButton({ unit }: { unit: OwnUnit }): JSX.Element {
  const why = useSignal("");
  const report = (): void => {
    navigator.geolocation.getCurrentPosition(
      (found) => {
        why.value = "";
        const row = { unit: unit.unit, lon: found.coords.longitude, lat: found.coords.latitude, time: new Date(nodeNow()).toISOString() };
        void send(null, "positions.report", { rows: [row] }, t.positionDone, role.value);
      },
      () => (why.value = t.noPosition),
      { timeout: 8000, enableHighAccuracy: true },
    );
  };
  return <button type="button" class="btn touch" onClick={report}>{why.value || t.reportPosition}</button>;
}
