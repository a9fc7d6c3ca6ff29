// The views, and which of them the address names: #/search?id=…

import { get, page } from "./api.js";
import { el } from "./dom.js";
import * as dead from "./dead.js";
import * as providers from "./providers.js";
import * as search from "./search.js";
import * as status from "./status.js";

const views = { search, status, dead, providers };
const dashboards = { overview: "Overview", ingest: "Ingest", consumer: "Consumer" };

/// An address that is none of ours is the search.
function readAddress() {
  const [, name, query = ""] = location.hash.match(/^#\/(\w+)(?:\?(.*))?$/) ?? [];
  const known = Object.hasOwn(views, name ?? "") ? name : "search";
  return [known, Object.fromEntries(new URLSearchParams(query))];
}

let current = null;

function show() {
  const [name, parameters] = readAddress();
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== name;
  for (const link of document.querySelectorAll("header nav:first-of-type a")) {
    const isCurrent = link.getAttribute("href") === `#/${name}`;
    if (isCurrent) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const heading = document.querySelector(`#${name} h1`);
  document.title = `${heading.textContent} – Sluice`;
  // Not at the first view: the browser's own start of the page is right there.
  if (current !== null && current !== name) heading.focus();
  current = name;
  views[name].show(parameters);
}

function describe() {
  document.getElementById("group").textContent = `· ${page.group}`;
  if (!page.grafana) return;
  const links = Object.entries(dashboards).map(([name, title]) =>
    el("a", { href: `${page.grafana}/d/sluice-${name}`, target: "_blank", rel: "noopener noreferrer" }, title));
  const nav = document.getElementById("grafana");
  nav.replaceChildren("Grafana: ", ...links);
  nav.hidden = false;
}

try {
  Object.assign(page, await get("page"));
  describe();
  dead.prepare();
  addEventListener("hashchange", show);
  show();
} catch (failure) {
  document.querySelector("main").prepend(el("p", { class: "failure", role: "alert" }, failure.message));
}
