// Signing in, on top of the page: what was there stays, a draft too.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Refusal, session } from "../api/client";
import { language, speak, t } from "../messages";
import { shortRole } from "../parts/Bar";
import { exercise, me, role, roleTaken, signedIn } from "../state/store";

export function SignIn(): JSX.Element {
  const form = useSignal({ name: me.value?.name ?? "", password: "", code: "" });
  const why = useSignal("");
  const wantsCode = useSignal(false);
  const busy = useSignal(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  const enter = async (event: Event): Promise<void> => {
    event.preventDefault();
    busy.value = true;
    why.value = "";
    const { name, password, code } = form.value;
    try {
      await session("POST", { name: name.trim().toLowerCase(), password, keep: "cookie", ...(code ? { code } : {}) });
      await signedIn();
    } catch (error) {
      if (error instanceof Refusal && error.kind === "code-wanted") wantsCode.value = true;
      why.value = error instanceof Refusal && error.kind === "code-wanted" ? t.codeWanted : error instanceof Error ? error.message : String(error);
    } finally {
      busy.value = false;
    }
  };
  const field = (label: string, key: "name" | "password" | "code", type: string, complete: string): JSX.Element => (
    <label>{label}<input type={type} value={form.value[key]} autocomplete={complete} required onInput={(event) => (form.value = { ...form.value, [key]: event.currentTarget.value })} /></label>
  );
  return (
    <dialog ref={dialog} class="signin" aria-labelledby="signin" onCancel={(event) => event.preventDefault()}>
      <form class="form" onSubmit={(event) => void enter(event)}>
        <h1 id="signin" class="big">Stopline{exercise.value && <span class="exercise">{t.exercise}</span>}</h1>
        {roleTaken.value && <p class="amb">{t.roleTaken(shortRole(role.value))}</p>}
        <p class="q">{me.value === null ? t.signIn : t.signInLine}</p>
        {field(t.name, "name", "text", "username")}
        {field(t.password, "password", "password", "current-password")}
        {wantsCode.value && field(t.code, "code", "text", "one-time-code")}
        {why.value && <p class="amb" role="alert">{why.value}</p>}
        <div class="btns">
          <button type="submit" class="btn first" disabled={busy.value}>{busy.value ? t.signingIn : t.signIn}</button>
          <button type="button" class="btn" lang={language.value === "en" ? "de" : "en"} onClick={() => speak(language.value === "en" ? "de" : "en")}>{t.languageOther}</button>
        </div>
      </form>
    </dialog>
  );
}
