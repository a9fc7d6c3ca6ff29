// What became of a process, or of all processes of a dossier.

import { Asking, get, page, queryOf } from "./api.js";
import { count, el, facts, time } from "./dom.js";
import { open } from "./letter.js";

const place = document.getElementById("search");
const form = place.querySelector("form");
const asking = new Asking(place);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = Object.fromEntries(new FormData(form));
  const address = `#/search?${queryOf({ ...wanted, id: wanted.id.trim() })}`;
  if (location.hash === address) show(wanted);
  else location.hash = address;
});

export function show({ id = "", by = "process", since = "" }) {
  form.elements.id.value = id;
  form.elements.by.value = by === "dossier" ? by : "process";
  form.elements.since.value = since;
  if (!id.trim()) return;
  const wanted = by === "dossier" ? { dossier: id, since } : { id, since };
  asking.show((signal) => get("trace", wanted, signal), render);
}

function render({ reports, notes }) {
  return [sentenceOf(reports), ...notes.map((note) => el("p", { class: "hint" }, `Note: ${note}`)), ...reports.map(sheet)];
}

function sentenceOf(reports) {
  if (reports.length === 0) return "No callback or announcement of this dossier is on the topics.";
  if (reports.length > 1) return `${reports.length} processes.`;
  const [{ verdict, events }] = reports;
  return `${verdict}: ${count(events.length, "event")}.`;
}

function sheet(report) {
  return el("article", { class: "sheet" },
    el("h2", { class: "id" }, report.process ?? report.key),
    el("p", { class: `summary word ${report.verdict}` }, report.summary),
    report.dossier && el("p", {}, "Dossier ",
      el("a", { class: "id", href: `#/search?${queryOf({ id: report.dossier, by: "dossier" })}` }, report.dossier)),
    el("ol", { class: "timeline" }, ...report.events.map(item)),
    page.grafana && report.events.length > 0 ? grafanaOf(report.events) : null);
}

/// What consumer did meanwhile, five minutes before and after.
function grafanaOf(events) {
  const around = 5 * 60_000;
  const from = Date.parse(events[0].at) - around;
  const to = Date.parse(events[events.length - 1].at) + around;
  return el("p", {}, el("a",
    { href: `${page.grafana}/d/sluice-consumer?from=${from}&to=${to}`, target: "_blank", rel: "noopener noreferrer" },
    "consumer in Grafana at that time"));
}

function item(event) {
  const where = `${event.partition}:${event.offset}`;
  return el("li", { class: `is-${event.what}` },
    el("p", {}, time(event.at), " ", el("span", { class: `word ${event.what}` }, event.what),
      event.provider && ` · ${event.provider}`, event.status && ` · ${event.status}`),
    el("p", { class: "where" }, event.topic, " ", where, " ",
      event.topic === page.deadTopic
        ? el("button", { type: "button", class: "plain small", click: () => open(where) }, "Letter")
        : null),
    facts([
      ["Authenticated as", event.authenticatedAs],
      ["Reason", event.reason],
      ["HTTP status", event.httpStatus],
      ["Requests", event.attempts],
      ["Fetched within", event.fetchMs === undefined ? undefined : `${event.fetchMs / 1000} s`],
      ["Signicat's trace id", event.traceId],
      ["Replaces", event.redrive],
      ["Received", event.receivedAt],
      ["From the spool", event.spooled && event.what !== "spooled" ? "yes" : undefined],
      ["Due within", event.within],
      ["Expected", event.forgotten ? "no longer" : undefined],
      ["Callback", event.what === "reconciled" ? "had not come" : undefined],
      ["Request id", event.requestId],
      ["By", event.instance],
    ]));
}
