#include "common/preflight/report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace common::preflight {
namespace {

constexpr std::array<std::string_view, 10> kChecks = {
    "topics", "acks", "acl", "tls", "sasl", "token", "api", "clock", "spool", "descriptors"};
constexpr std::array<std::string_view, 4> kVerdicts = {"ok", "warning", "unasked", "wrong"};
constexpr std::array<Verdict, 4> kWorstFirst = {Verdict::kWrong, Verdict::kUnasked,
                                                Verdict::kWarning, Verdict::kOk};

}  // namespace

std::string_view ToText(Check check) { return kChecks[static_cast<std::size_t>(check)]; }

void Report::Add(Check check, Verdict verdict, std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  std::vector<Finding>& findings = findings_[check];
  const bool is_known = std::ranges::any_of(findings, [&](const Finding& finding) {
    return finding.verdict == verdict && finding.text == text;
  });
  if (!is_known) findings.push_back({verdict, std::move(text)});
}

void Report::Append(const Report& other) {
  for (const auto& [check, findings] : other.findings_) {
    for (const Finding& finding : findings) Add(check, finding.verdict, finding.text);
  }
}

void Report::AppendOf(std::string_view whose, const Report& other) {
  for (const auto& [check, findings] : other.findings_) {
    for (const Finding& finding : findings) {
      Add(check, finding.verdict, std::string(whose).append(": ").append(finding.text));
    }
  }
}

Verdict Report::WorstOf(const std::vector<Finding>& findings) {
  return std::ranges::max_element(findings, {}, &Finding::verdict)->verdict;
}

std::string Report::Render() const {
  std::string lines;
  for (const auto& [check, findings] : findings_) {
    const Verdict worst = WorstOf(findings);
    std::string texts;
    for (const Verdict verdict : kWorstFirst) {
      if (verdict == Verdict::kOk && worst != Verdict::kOk) break;
      for (const Finding& finding : findings) {
        if (finding.verdict == verdict) texts += (texts.empty() ? "" : "; ") + finding.text;
      }
    }
    lines += std::string(kVerdicts[static_cast<std::size_t>(worst)]) + " " +
             std::string(ToText(check)) + ": " + texts + "\n";
  }
  return lines;
}

int Report::status() const {
  Verdict worst = Verdict::kOk;
  for (const auto& [check, findings] : findings_) worst = std::max(worst, WorstOf(findings));
  if (worst == Verdict::kWrong) return 2;
  return worst == Verdict::kUnasked ? 1 : 0;
}

int Print(const Report& report) {
  std::fputs(report.Render().c_str(), stdout);
  return report.status();
}

}  // namespace common::preflight
