// Puts dead letters back: first a dry run, then the same letters.

import { Asking, post } from "./api.js";
import { count, el } from "./dom.js";

const dialog = document.getElementById("redrive");
const confirm = dialog.querySelector("button.danger");
const asking = new Asking(dialog);
let letters = [];
let afterwards = () => {};
let hasRedriven = false;
let refused = 0; // Letters that the dry run found impossible to redrive.

export function redrive(chosen, onClosed) {
  letters = chosen;
  afterwards = onClosed;
  hasRedriven = false;
  confirm.hidden = true;
  dialog.showModal();
  asking.show(() => post("redrive", { letters, dryRun: true }), renderDryRun);
}

confirm.addEventListener("click", () => {
  confirm.hidden = true;
  hasRedriven = true;
  dialog.querySelector("form button:not(.danger)").focus();
  asking.show(() => post("redrive", { letters, dryRun: false }), renderRedrive);
});

dialog.addEventListener("close", () => {
  if (hasRedriven) afterwards();
});

function renderDryRun(outcome) {
  refused = outcome.failed;
  confirm.textContent = `Redrive ${count(outcome.selected, "letter")}`;
  confirm.hidden = outcome.selected === 0;
  return [`Dry run: ${count(outcome.selected, "letter")} of ${letters.length} would go back to callbacks.`, ...remarks(outcome)];
}

function renderRedrive(outcome) {
  return [`${count(outcome.redriven, "letter")} went back to callbacks.${restOf(outcome)}`, ...remarks(outcome)];
}

function restOf(outcome) {
  if (outcome.error) return ` It ended early: ${outcome.error}. Redrive the rest again.`;
  return outcome.interrupted || outcome.failed > refused ? " It is not complete: redrive the rest again." : "";
}

function remarks({ redrivenBefore, unsure, selected, failed, failures, interrupted, error }) {
  const hasSeenAll = !interrupted && !error;
  const missing = hasSeenAll ? letters.length - selected - redrivenBefore - failed : 0;
  const sentences = [];
  if (redrivenBefore > 0) sentences.push(`${count(redrivenBefore, "letter")}: redriven before, skipped.`);
  if (missing > 0) sentences.push(`${count(missing, "letter")}: not there any more.`);
  if (unsure > 0) {
    sentences.push(`${count(unsure, "letter")}: so old that an earlier redrive may be forgotten; then the result is published again.`);
  }
  for (const { partition, offset, error } of failures) sentences.push(`${partition}:${offset}: ${error}`);
  return sentences.length > 0 ? [el("ul", {}, ...sentences.map((text) => el("li", {}, text)))] : [];
}
