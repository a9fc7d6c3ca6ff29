// Asks the server that this page comes from.

/// What the page may do, and the words of its filters; set before the first view is shown.
export const page = {};

async function answerOf(request) {
  let response;
  try {
    response = await request;
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new Error("sluicectl does not answer: was it stopped?");
  }
  const text = await response.text();
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // A refusal for people, or no answer in time.
  }
  if (response.ok && json !== null) return json;
  throw new Error(json?.error ?? (text.trim() || `the server has answered ${response.status}`));
}

/// `parameters` without the empty ones.
export function queryOf(parameters) {
  return new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString();
}

export function get(path, parameters = {}, signal = undefined) {
  const query = queryOf(parameters);
  return answerOf(fetch(`/api/${path}${query && `?${query}`}`, { signal }));
}

export function post(path, body) {
  return answerOf(fetch(`/api/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }));
}

/// Shows in `place` what a question is answered: its state as a sentence, then what `render` makes of
/// the answer. `render` returns the sentence and the nodes. A later question replaces an earlier one.
export class Asking {
  #place;
  #current = null;

  constructor(place) {
    this.#place = place;
  }

  async show(ask, render) {
    this.#current?.abort();
    const mine = new AbortController();
    this.#current = mine;
    this.#say("Reading…", "state is-reading");
    this.#result.replaceChildren();
    try {
      const [sentence, ...nodes] = render(await ask(mine.signal));
      if (this.#current !== mine) return;
      this.#result.replaceChildren(...nodes);
      this.#say(sentence, "state");
    } catch (failure) {
      if (this.#current === mine) this.#say(failure.message, "state failure");
    }
  }

  get #result() {
    return this.#place.querySelector(".result");
  }

  #say(sentence, kind) {
    const state = this.#place.querySelector(".state");
    state.className = kind;
    state.textContent = sentence;
  }
}
