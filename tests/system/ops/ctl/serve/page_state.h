#pragma once

#include <string>

#include "common/json/object_writer.h"
#include "tests/harness/browser.h"

namespace tests {

/// True once a view, or a dialog, shows an answer whose state has this sentence.
[[nodiscard]] inline bool Shows(Browser& browser, const std::string& place,
                                const std::string& sentence) {
  return browser.Await("document.querySelector('" + place +
                       " .state:not(.is-reading)')?.textContent.includes(" +
                       common::json::Quote(sentence) + ")");
}

/// The text that a person sees, as JSON.
[[nodiscard]] inline std::string TextOf(Browser& browser, const std::string& selector) {
  return browser.Evaluate("document.querySelector(" + common::json::Quote(selector) +
                          ")?.innerText");
}

}  // namespace tests
