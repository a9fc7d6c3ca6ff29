// Builds elements. Text stays text: nothing here parses HTML, so hostile ids are only ugly.

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (typeof value === "boolean") {
      element.toggleAttribute(name, value);
    } else if (value !== undefined && value !== null) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

export const time = (text) => (text ? el("time", { datetime: text }, text) : "–");

const orDash = (value) => (value === null || value === undefined || value === "" ? "–" : value instanceof Node ? value : String(value));

/// A list of names and values; without those that are unknown.
export function facts(pairs, attributes = {}) {
  const known = pairs.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return el("dl", attributes,
    ...known.map(([name, value]) =>
      el("div", { class: "pair" }, el("dt", {}, name), el("dd", {}, orDash(value)))));
}

/// `columns`: [heading, row => cell, class].
export function table(caption, columns, rows) {
  const headings = columns.map(([heading, , kind]) => el("th", { scope: "col", class: kind }, heading));
  const body = rows.map((row) =>
    el("tr", {}, ...columns.map(([heading, cell, kind]) => {
      const isName = kind === "row";
      return el(isName ? "th" : "td", { class: kind, "data-label": heading, scope: isName ? "row" : null }, orDash(cell(row)));
    })));
  return el("div", { class: "scroll" },
    el("table", {}, el("caption", {}, caption), el("thead", {}, el("tr", {}, ...headings)), el("tbody", {}, ...body)));
}

/// "45s", "2m5s", "1h2m", "3d4h", as the command line has it.
export function age(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${whole % 60}s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)}h${Math.floor((whole % 3600) / 60)}m`;
  return `${Math.floor(whole / 86400)}d${Math.floor((whole % 86400) / 3600)}h`;
}

export const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;
