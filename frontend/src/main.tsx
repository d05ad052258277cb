// The page begins here.
import "./style/fonts.css";
import "./style/tokens.css";
import "./style/base.css";
import "./style/map.css";
import "./style/pages.css";
import { render } from "preact";
import { App } from "./App";
import { listen } from "./keys";
import { language } from "./messages";
import { soundAlarms } from "./parts/alarm";
import { begin } from "./state/store";
import { startClock } from "./state/time";

document.documentElement.lang = language.value;
const place = document.getElementById("page");
if (place !== null) {
  render(<App />, place);
  listen();
  startClock();
  soundAlarms();
  void begin();
}
