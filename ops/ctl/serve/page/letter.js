// One dead letter. Its body is there only if sluicectl may show it.

import { Asking, get, queryOf } from "./api.js";
import { el, facts, time } from "./dom.js";

const dialog = document.getElementById("letter");
const asking = new Asking(dialog);

export function open(place) {
  dialog.querySelector("h2").textContent = `Dead letter ${place}`;
  dialog.showModal();
  asking.show((signal) => get("letter", { place }, signal), render);
}

function render(letter) {
  const headers = letter.headers.map(({ name, value }) => [name, value]);
  return ["", facts([["Died", time(letter.time)], ["Key", letter.key], ...headers]), traceOf(letter), el("h3", {}, "Body"), body(letter)];
}

/// Tells whether it was redriven since, and what became of that.
function traceOf({ key }) {
  const close = () => dialog.close();
  return el("p", {}, el("a", { href: `#/search?${queryOf({ id: key })}`, click: close }, "What became of it"));
}

function body({ value, valueHex, bytes }) {
  if (value !== undefined) return el("pre", { tabindex: "0" }, value);
  if (valueHex !== undefined) return el("pre", { tabindex: "0" }, `in hex: ${valueHex}`);
  return el("p", { class: "hint" }, `${bytes} bytes, not shown: sluicectl was started without --show-bodies.`);
}
