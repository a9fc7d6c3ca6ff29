// The provider rows in force, and how long each provider goes on trying.

import { Asking, get } from "./api.js";
import { age, count, el, table } from "./dom.js";

const place = document.getElementById("providers");
const asking = new Asking(place);

place.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});

export function show() {
  asking.show((signal) => get("providers", {}, signal), render);
}

function render({ providers, secondsLeft }) {
  const isKnown = Object.keys(secondsLeft).length > 0;
  const left = ({ name }) => (Object.hasOwn(secondsLeft, name) ? age(secondsLeft[name]) : "");
  const list = table("Provider rows", [
    ["Provider", (row) => row.name, "row"],
    ["Also", (row) => row.aliases.join(", ")],
    ["While Kafka is away", (row) => (row.onUnavailable === "spool" ? "spooled" : `refused with ${row.transientStatus}`)],
    ["Repeats after", (row) => row.repeatsAfter],
    ["Time left", left],
    ["Duplicates known for", (row) => row.dedupWindow],
  ], providers);
  const hint = isKnown
    ? "Time left: until the first refused callback has no attempt left; the whole schedule while none waits."
    : "The time left is known if --instance names the admin port of ingest.";
  return [`${count(providers.length, "row")} in force.`, list, el("p", { class: "hint" }, hint)];
}
