#include "tests/system/ingest/table_run.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>

#include "common/domain/provider_rules.h"
#include "tests/support/raw_client.h"

namespace ingest {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

/// Promise P2.
constexpr milliseconds kLongestAnswer{9'000};
constexpr std::size_t kThreads = 96;

std::vector<std::string> Split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::size_t comma = list.find(", ");
    parts.emplace_back(list.substr(0, comma));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 2);
  }
  return parts;
}

/// The answers of one cell, with "A" and "U" replaced.
std::vector<std::string> Resolve(const RequestVariant& variant, const Sender& sender,
                                 const Expected& accepted) {
  std::vector<std::string> answers = Split(variant.expected[sender.column]);
  for (std::string& answer : answers) {
    const Column column = answer[0] == 'U' ? kUnknown : sender.column;
    if (answer[0] == 'A' || answer[0] == 'U') answer.replace(0, 1, accepted[column]);
  }
  return answers;
}

/// Renders "405 Allow: POST close".
std::string Summary(const tests::RawAnswer& answer) {
  const std::string allow = answer.Field("Allow");
  const std::string connection = answer.Field("Connection");
  return std::to_string(answer.status) + (allow.empty() ? "" : " Allow: " + allow) +
         (connection == "close" ? " close" : "");
}

std::string TraceparentOf(std::size_t cell) {
  char text[64];
  std::snprintf(text, sizeof text, "00-%032zx-00f067aa0ba902b7-01", cell + 1);
  return text;
}

/// One request variant for one sender, on a new connection.
class Cell {
 public:
  Cell(std::uint16_t port, const RequestVariant& variant, const Sender& sender, std::size_t number,
       const Expected& accepted)
      : variant_(variant),
        asking_{.sender = sender,
                .traceparent = TraceparentOf(number),
                .body = BodyOf(variant, number)},
        expected_(Resolve(variant, sender, accepted)),
        client_(port) {}

  void Run(TableResult& result) {
    if (!client_.IsConnected()) return Mismatch(result, "no connection");
    const std::string request = variant_.ask(asking_);
    const auto asked_at = SteadyClock::now();
    Deliver(request);
    if (expected_[0] == "nothing") return ExpectSilence(result);
    for (const std::string& expected : expected_) {
      const auto answer = client_.Read(kLongestAnswer, variant_.is_head_only);
      const auto took = std::chrono::duration_cast<milliseconds>(SteadyClock::now() - asked_at);
      result.slowest = std::max(result.slowest, took);
      if (!answer) return Mismatch(result, "expected " + expected + ", got nothing");
      Judge(*answer, expected, took, result);
      if (answer->status == 100 && variant_.delivery == Delivery::kAtOnce)
        client_.Send(asking_.body);
    }
    ExpectEnd(result);
  }

  void NoteStored(TableResult& result) const {
    const auto count = static_cast<std::size_t>(
        std::count_if(expected_.begin(), expected_.end(),
                      [](const std::string& answer) { return answer.starts_with("200"); }));
    const bool is_named = std::string_view(variant_.expected[asking_.sender.column])[0] == 'A';
    const bool is_known = asking_.sender.column != kUnknown;
    result.stored[asking_.traceparent] = {
        .what = Name(),
        .body = asking_.body,
        .provider = is_named && is_known ? asking_.sender.provider : "",
        .count = count};
  }

 private:
  static std::string BodyOf(const RequestVariant& variant, std::size_t number) {
    if (variant.body) return *variant.body;
    return R"({"dossierId":"d","processId":"process-)" + std::to_string(number) +
           R"(","status":"accepted","note":")" + std::string(kNeedle) + R"("})";
  }

  [[nodiscard]] std::string Name() const {
    return std::string(variant_.name) + " [" + asking_.sender.name + "]";
  }
  void Mismatch(TableResult& result, const std::string& what) const {
    result.mismatches.push_back(Name() + ": " + what);
  }

  void Deliver(const std::string& request) {
    if (variant_.delivery != Delivery::kByteByByte) {
      client_.Send(request);
    } else {
      for (const char c : request) client_.Send({&c, 1});
    }
    if (variant_.delivery == Delivery::kThenEnd) client_.HalfClose();
    const auto end = SteadyClock::now() + kLongestAnswer;
    while (variant_.delivery == Delivery::kThenTrickle && SteadyClock::now() < end &&
           !client_.HearsWithin(milliseconds(100))) {
      client_.Send("x");
    }
  }

  void Judge(const tests::RawAnswer& answer, const std::string& expected, milliseconds took,
             TableResult& result) const {
    if (answer.status != 100) ++result.statuses[answer.status];
    if (Summary(answer) != expected) {
      Mismatch(result, "expected " + expected + ", got " + Summary(answer));
    }
    if (took > kLongestAnswer) Mismatch(result, "answered after " + std::to_string(took.count()));
    if ((answer.head + answer.body).find(kNeedle) != std::string::npos) {
      Mismatch(result, "the answer repeats what was sent: " + answer.head + answer.body);
    }
    const bool may_be_penal =
        std::string_view(variant_.expected[0]) == "404" || answer.status == 400;
    const bool is_sensitive = asking_.sender.column == kReadId || asking_.sender.column == kUnknown;
    if (is_sensitive && common::IsPenal(answer.status) && !may_be_penal) {
      Mismatch(result, "penal status " + std::to_string(answer.status));
    }
  }

  void ExpectSilence(TableResult& result) {
    if (!client_.IsClosedWithin(kLongestAnswer)) return Mismatch(result, "is not closed");
    const std::string said = client_.ReadToEnd();
    if (!said.empty()) Mismatch(result, "expected nothing, got " + said);
  }

  /// Expects the connection to close if the last answer says so, and otherwise to stay in step.
  void ExpectEnd(TableResult& result) {
    if (expected_.back().ends_with(" close")) {
      if (!client_.IsClosedWithin(kLongestAnswer)) Mismatch(result, "is not closed");
      return;
    }
    client_.Send(Post(asking_, {.authorization = ""}));
    const auto answer = client_.Read(kLongestAnswer);
    if (answer) ++result.statuses[answer->status];
    // A request without authorization on an unknown path gets 401, whatever came before.
    if (!answer || answer->status != 401) {
      Mismatch(result, "the next request is answered " +
                           (answer ? std::to_string(answer->status) : std::string("nothing")));
    }
  }

  const RequestVariant& variant_;
  Asking asking_;
  std::vector<std::string> expected_;
  tests::RawClient client_;
};

void Merge(TableResult&& part, TableResult& result) {
  result.mismatches.insert(result.mismatches.end(), part.mismatches.begin(), part.mismatches.end());
  for (const auto& [status, count] : part.statuses) result.statuses[status] += count;
  result.slowest = std::max(result.slowest, part.slowest);
  result.stored.merge(part.stored);
}

}  // namespace

void TableResult::Repeat(const TableResult& run) {
  is_repeated = true;
  for (auto [trace, stored_by_run] : run.stored) {
    stored_by_run.is_void = true;
    stored.emplace(trace, std::move(stored_by_run));
  }
}

TableResult RunTable(std::uint16_t port, const std::vector<RequestVariant>& variants,
                     const Expected& accepted, std::size_t first_cell) {
  TableResult result;
  const std::size_t cells = variants.size() * Senders().size();
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  const auto work = [&] {
    TableResult part;
    for (std::size_t cell = next++; cell < cells; cell = next++) {
      const RequestVariant& variant = variants[cell / Senders().size()];
      const Sender& sender = Senders()[cell % Senders().size()];
      Cell asked(port, variant, sender, first_cell + cell, accepted);
      asked.Run(part);
      asked.NoteStored(part);
    }
    const std::lock_guard lock(mutex);
    Merge(std::move(part), result);
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min(kThreads, cells); ++i) threads.emplace_back(work);
  }
  return result;
}

std::vector<std::string> FindDifferences(const TableResult& result,
                                         const std::vector<tests::Record>& records, Copies copies) {
  std::map<std::string, std::size_t> found;
  std::vector<std::string> differences;
  for (const tests::Record& record : records) {
    const std::string trace(common::LastHeader(record.headers, "traceparent").value_or(""));
    const auto stored = result.stored.find(trace);
    if (stored == result.stored.end()) {
      differences.push_back("a record of nobody: " + record.value.value_or("(null)"));
      continue;
    }
    ++found[trace];
    const TableResult::Stored& expected = stored->second;
    const auto provider = common::LastHeader(record.headers, "provider");
    if (record.value != expected.body) differences.push_back(expected.what + ": another body");
    if (!expected.provider.empty() && provider != expected.provider) {
      differences.push_back(expected.what + ": under " + std::string(provider.value_or("nobody")));
    }
  }
  for (const auto& [trace, expected] : result.stored) {
    const std::size_t count = found[trace];
    if (expected.is_void || count == expected.count) continue;
    if (copies == Copies::kAtLeast && count > expected.count) continue;
    differences.push_back(expected.what + ": on the topic " + std::to_string(count) +
                          " times instead of " + std::to_string(expected.count));
  }
  return differences;
}

}  // namespace ingest
