// Units: what each is doing, where it was last, and alerts to a service.
import type { JSX } from "preact";
import type { Picture, Unit } from "../api/types";
import { wanted } from "../map/MapPane";
import { t } from "../messages";
import { walk } from "../parts/rows";
import { UnitIcon } from "../parts/signs";
import { HandOver } from "./HandOver";
import { send } from "../state/outbox";
import { incident, lookAt, may, picture, role } from "../state/store";
import { nowMs, span } from "../state/time";

export function Units(): JSX.Element {
  const shown = picture.value;
  return (
    <>
      <aside class="side scrolls" tabIndex={0}><section class="sec" aria-label={t.units}>{shown !== null && <UnitTable shown={shown} />}</section><HandOver /></aside>
    </>
  );
}

export function UnitTable({ shown, agency }: { shown: Picture; agency?: string }): JSX.Element {
  const rows = (shown.units ?? []).filter((one) => agency === undefined || one.agency === agency);
  const services = [...new Set(rows.map((one) => one.agency))];
  return (
    <>
      <div class="hd"><h2>{t.units}</h2><span class="r">{rows.length}</span></div>
      {rows.length === 0 && <p class="q">{t.noOwnUnits}</p>}
      {rows.length > 0 && <table onKeyDown={walk}>
        <thead><tr><th /><th>{t.unitHead}</th><th>{t.state}</th><th class="n">{t.lastFix}</th></tr></thead>
        <tbody>{rows.map((one) => <UnitRow key={one.unit} unit={one} />)}</tbody>
      </table>}
      {lookAt.value === null && may("agency.alert") && services.length > 0 && (
        <div class="btns wrap">{services.map((one) => (
          <button type="button" class="btn" key={one} onClick={() => void send(incident.value, "agency.alert", { agencies: [one] }, `${t.alertUnits}: ${one}`, role.value)}>{t.alertUnits}: {agencyName(one)}</button>
        ))}</div>
      )}
    </>
  );
}

export function agencyName(name: string): string {
  return t.agencyName(name) || name.replaceAll("_", " ");
}

function UnitRow({ unit }: { unit: Unit }): JSX.Element {
  const age = unit.fix === null ? null : nowMs.value - Date.parse(unit.fix);
  const old = age !== null && age > 5 * 60_000;
  const show = (): void => {
    if (unit.lon !== null && unit.lat !== null) wanted.value = { do: "focus", lon: unit.lon, lat: unit.lat };
  };
  return (
    <tr tabIndex={0} onClick={show} onKeyDown={(event) => { if (event.key === "Enter") show(); }}>
      <td><UnitIcon look={old ? "old" : unit.site ? "used" : "free"} /></td>
      <td><b>{unit.unit}</b> <span class="q s">{agencyName(unit.agency)}</span></td>
      <td class={unit.overdue ? "amb" : ""}><span class="clip wide">{t.unitSaid(unit.said)}</span></td>
      <td class={`n roomy${old ? " amb" : ""}`}>{age === null ? t.noFix : span(age)}</td>
    </tr>
  );
}
