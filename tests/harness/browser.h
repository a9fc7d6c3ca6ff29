#pragma once

#include <rapidjson/document.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/fd.h"
#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace tests {

/// A headless Chromium with one page and a profile of its own, which is driven through its DevTools
/// protocol.
///
/// Errors: whatever the browser refuses, or does not do within a minute, is thrown.
class Browser {
 public:
  Browser();
  /// Lets it end by itself, so that none of its processes still writes when its files go.
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  /// Loads a page as if its address was typed. Returns once it is loaded, whatever its status.
  void Open(const std::string& url);

  /// The value of a JavaScript expression, or of its promise, as JSON.
  std::string Evaluate(const std::string& expression);
  /// True if the expression becomes true within the limit.
  [[nodiscard]] bool Await(const std::string& expression,
                           std::chrono::milliseconds limit = std::chrono::seconds(60));

  /// Types into the element that has the focus.
  void Type(std::string_view text);
  /// Presses a key: "Tab", "Enter", "Escape" or "Space".
  void Press(std::string_view key);

  void Resize(int width, int height);
  /// For prefers-color-scheme.
  void PreferDark(bool is_dark);
  /// The nodes of the accessibility tree: "button Search", "heading Status", …
  [[nodiscard]] std::vector<std::string> AccessibleNodes();
  /// Writes a PNG of the whole page.
  void SavePicture(const std::filesystem::path& file);

  /// Errors and warnings on the console, also of the browser itself, and uncaught exceptions.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }
  void ForgetComplaints() { complaints_.clear(); }

 private:
  [[nodiscard]] bool Send(std::string message) const;
  rapidjson::Document Call(const std::string& method, const std::string& parameters = "{}");
  /// Reads messages until one has the id, or is the event.
  rapidjson::Document AwaitAnswer(std::int64_t id, const std::string& method);
  std::string ReadMessage(common::Deadline deadline);
  void Note(const rapidjson::Document& message);

  TempDirectory directory_;
  common::Fd to_browser_;
  common::Fd from_browser_;
  std::unique_ptr<Process> process_;
  std::string session_;
  std::string received_;
  std::int64_t last_id_ = 0;
  int loads_ = 0;  ///< Pages loaded so far.
  std::vector<std::string> complaints_;
};

}  // namespace tests
