// Whether all is well.

import { Asking, get } from "./api.js";
import { count, el, facts, table, time } from "./dom.js";

const place = document.getElementById("status");
const asking = new Asking(place);

place.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});

export function show() {
  asking.show((signal) => get("status", {}, signal), render);
}

function render(status) {
  const { kafka } = status;
  return [
    sentenceOf(status),
    el("article", { class: "sheet" }, ...verdictOf(status), kafka && numbers(kafka)),
    kafka?.group && members(kafka.group),
    status.instances.length > 0 && instances(status.instances),
    kafka && el("details", {}, el("summary", {}, count(kafka.partitions.length, "partition")), partitions(kafka.partitions)),
  ].filter(Boolean);
}

function sentenceOf({ ok, troubles, time: at }) {
  const word = ok ? "All is well" : troubles.length > 0 ? "Not well" : "Not known in full";
  return `${word}, as of ${at}.`;
}

function verdictOf({ ok, troubles, unknown, remarks }) {
  const list = (kind, heading, sentences) =>
    sentences.length === 0 ? [] : [el("h2", { class: kind }, heading), el("ul", {}, ...sentences.map((text) => el("li", {}, text)))];
  return [
    ...(ok ? [el("h2", { class: "well" }, "All is well")] : []),
    ...list("bad", "Not well", troubles),
    ...list("unknown", "Not known", unknown),
    ...list("", "Worth knowing", remarks),
  ];
}

function numbers({ lag, deadLetters, lastResult }) {
  return facts([
    ["callbacks wait", lag],
    ["dead letters", deadLetters && `${deadLetters.isExact ? "" : "up to "}${deadLetters.total}`],
    ["of them in the last hour", deadLetters?.lastHour],
    ["last result", lastResult && time(lastResult)],
  ], { class: "numbers" });
}

function members({ name, state, members: all, unreadPartitions }) {
  const unread = unreadPartitions.length > 0 ? `, nobody reads ${unreadPartitions.join(" ")}` : "";
  return table(`Group ${name}: ${state}${unread}`, [
    ["Member", (member) => member.name, "row"],
    ["Host", (member) => member.host],
    ["Partitions", (member) => member.partitions.join(" ")],
    ["Lag", (member) => member.lag, "number"],
  ], all);
}

function instances(all) {
  const stateOf = (one) => one.error ?? (one.ready ? "ready" : `not ready: ${one.missing.join(", ")}`);
  const holds = (one) => {
    const facts = [];
    if (one.pending !== undefined) facts.push(`${one.pending} in hand`);
    const away = (one.accounts ?? []).filter((account) => account.breakerOpen);
    const whose = away.map((account) => ` of ${account.name}`).join(",");
    if (one.breakerOpen) facts.push(`breaker${whose} open`);
    if (one.restoring) facts.push(`restoring ${one.restoring}`);
    if (one.setAside) facts.push(`${one.setAside} set aside`);
    if (one.spoolRecords !== undefined) facts.push(`${one.spoolRecords} in the spool`);
    if (one.spoolRefusedRecords) facts.push(`${one.spoolRefusedRecords} refused`);
    if (one.kafkaUp === false) facts.push("no Kafka");
    return facts.join(", ");
  };
  return table("Instances", [
    ["Address", (one) => one.url, "row"],
    ["Kind", (one) => one.kind],
    ["State", (one) => el("span", { class: one.ready ? "well" : "bad" }, stateOf(one))],
    ["Holds", holds],
  ], all);
}

function partitions(all) {
  return table("Partitions of callbacks", [
    ["Partition", (one) => one.partition, "row"],
    ["Committed", (one) => one.committed, "number"],
    ["End", (one) => one.end, "number"],
    ["Lag", (one) => one.lag, "number"],
    ["Oldest waiting", (one) => one.oldest && time(one.oldest)],
    ["Last result", (one) => one.lastResult && time(one.lastResult)],
  ], all);
}
