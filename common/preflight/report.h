#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace common::preflight {

/// What `--check --online` looks at, in the order of its lines.
enum class Check { kTopics, kAcks, kAcl, kTls, kSasl, kToken, kApi, kClock, kSpool, kDescriptors };
[[nodiscard]] std::string_view ToText(Check check);

/// In rising order: the line of a check has the highest of its findings.
enum class Verdict {
  kOk,
  kWarning,
  kUnasked,  ///< Nobody answered, so nothing is known. Never as good as kOk.
  kWrong,
};

/// The findings of a preflight.
///
///   report := line…                      ; one for each check that has findings
///   line   := verdict " " check ": " text {"; " text} "\n"
///   verdict := "ok" | "warning" | "wrong" | "unasked"
///
/// A line names the worst findings first, and leaves out what is well if something is not.
class Report {
 public:
  /// Line breaks in the text become blanks.
  void Add(Check check, Verdict verdict, std::string text);
  void Append(const Report& other);
  /// The same, each text after `whose` and a colon.
  void AppendOf(std::string_view whose, const Report& other);

  [[nodiscard]] bool Has(Check check) const { return findings_.contains(check); }
  [[nodiscard]] std::string Render() const;

  /// 2: something is wrong; otherwise 1: something could not be asked; otherwise 0.
  [[nodiscard]] int status() const;

 private:
  struct Finding {
    Verdict verdict;
    std::string text;
  };
  static Verdict WorstOf(const std::vector<Finding>& findings);

  std::map<Check, std::vector<Finding>> findings_;
};

/// Writes the lines to stdout and returns the exit status.
[[nodiscard]] int Print(const Report& report);

}  // namespace common::preflight
