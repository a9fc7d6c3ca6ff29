// Dead letters: list, filter, selection.

import { Asking, get, page, queryOf } from "./api.js";
import { count, el, table, time } from "./dom.js";
import { open } from "./letter.js";
import { redrive } from "./redrive.js";

const place = document.getElementById("dead");
const form = place.querySelector("form");
const asking = new Asking(place);

export function prepare() {
  const fill = (name, words) => form.elements[name].append(...words.map((word) => el("option", { value: word }, word)));
  fill("reason", page.reasons);
  fill("provider", page.providers);
}

/// "all" stands for no beginning: an empty one is the default.
const wantedOf = (data) => ({ ...data, id: data.id.trim(), since: data.since || "all" });

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = wantedOf(Object.fromEntries(new FormData(form)));
  const address = `#/dead?${queryOf(wanted)}`;
  if (location.hash === address) show(wanted);
  else location.hash = address;
});

export function show({ reason = "", provider = "", id = "", since = "7d" }) {
  const wanted = { reason, provider, id, since: since === "all" ? "" : since };
  for (const [name, value] of Object.entries(wanted)) form.elements[name].value = value;
  asking.show((signal) => get("dead", wanted, signal), render);
}

const placeOf = (letter) => `${letter.partition}:${letter.offset}`;

function render({ letters, matching }) {
  if (matching === 0) return ["There are no such letters."];
  const more = matching > letters.length ? `, the newest ${letters.length} are shown` : "";
  const list = table("Dead letters, the newest first", [...(page.allowsRedrive ? [choice()] : []), ...columns], letters);
  return [`${count(matching, "letter")}${more}.`, ...(page.allowsRedrive ? [actions(list)] : []), list];
}

const choice = () => ["Choose", (letter) => el("input", {
  type: "checkbox", value: placeOf(letter), "aria-label": `Letter ${placeOf(letter)}`,
})];

const columns = [
  ["Died", (letter) => time(letter.time)],
  ["Letter", (letter) => el("button", { type: "button", class: "plain small", click: () => open(placeOf(letter)) }, placeOf(letter))],
  ["Provider", (letter) => letter.provider],
  ["Reason", (letter) => letter.reason],
  ["HTTP", (letter) => letter.httpStatus, "number"],
  ["Redriven", (letter) => (letter.redrives > 0 ? letter.redrives : ""), "number"],
  ["Process", (letter) =>
    letter.processId && el("a", { class: "id", href: `#/search?${queryOf({ id: letter.key })}` }, letter.processId)],
  ["Dossier", (letter) =>
    letter.dossierId &&
    el("a", { class: "id", href: `#/search?${queryOf({ id: letter.dossierId, by: "dossier" })}` }, letter.dossierId)],
];

function actions(list) {
  const boxes = () => [...list.querySelectorAll("tbody input")];
  const chosen = () => boxes().filter((box) => box.checked).map((box) => box.value);
  const button = el("button", {
    type: "button", class: "danger", disabled: true,
    click: () => redrive(chosen(), () => form.requestSubmit()),
  }, "Redrive…");
  const all = el("input", { type: "checkbox", change: () => {
    for (const box of boxes()) box.checked = all.checked;
    update();
  } });
  const update = () => {
    const number = chosen().length;
    button.disabled = number === 0;
    button.textContent = number === 0 ? "Redrive…" : `Redrive ${count(number, "letter")}…`;
    all.checked = number === boxes().length;
  };
  list.addEventListener("change", update);
  return el("p", { class: "actions" }, el("label", { class: "choice" }, all, " all that are shown"), " ", button);
}
