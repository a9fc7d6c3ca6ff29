#include "tests/harness/deliveries.h"

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "common/base/text.h"
#include "tests/harness/json.h"

namespace tests {
namespace {

std::set<std::string> StatusesIn(const rapidjson::Value& tally) {
  std::set<std::string> statuses;
  const auto found = tally.FindMember("statuses");
  if (found == tally.MemberEnd() || !found->value.IsObject()) return statuses;
  for (const auto& status : found->value.GetObject()) statuses.insert(status.name.GetString());
  return statuses;
}

}  // namespace

std::int64_t Delivered::Number(const char* name) const { return NumberIn(ParseJson(report), name); }

std::set<std::string> Delivered::Statuses(const std::string& provider) const {
  const auto json = ParseJson(report);
  const auto& providers = json["providers"];
  const auto found = providers.FindMember(provider.c_str());
  return found == providers.MemberEnd() ? std::set<std::string>() : StatusesIn(found->value);
}

std::set<std::string> Delivered::Statuses() const { return StatusesIn(ParseJson(report)); }

double Delivered::SlowestAnswerMs() const {
  return ParseJson(report)["answer_ms"]["max"].GetDouble();
}

std::int64_t Delivered::CountRefused() const {
  return std::ranges::count_if(callbacks, [](const SentCallback& callback) {
    return !callback.is_acknowledged && !callback.is_unsent;
  });
}

std::int64_t Delivered::CountUnsent() const {
  return std::ranges::count(callbacks, true, &SentCallback::is_unsent);
}

std::set<std::string> Delivered::EventStatuses(const std::string& kind) const {
  const auto json = ParseJson(report);
  const auto events = json.FindMember("events");
  std::set<std::string> statuses;
  if (events == json.MemberEnd()) return statuses;
  const auto& answers = events->value["answers"];
  const auto found = answers.FindMember(kind.c_str());
  if (found == answers.MemberEnd()) return statuses;
  for (const auto& status : found->value.GetObject()) statuses.insert(status.name.GetString());
  return statuses;
}

std::int64_t Delivered::LateEvents() const {
  const auto json = ParseJson(report);
  const auto events = json.FindMember("events");
  return events == json.MemberEnd() ? 0 : NumberIn(events->value, "late");
}

std::string WrongEventAnswers(const Delivered& delivered, bool may_fail) {
  std::string wrong;
  for (const char* kind : {"first", "repeated", "mock", "forged", "stale"}) {
    const bool must_be_refused = kind == std::string("forged") || kind == std::string("stale");
    for (const std::string& status : delivered.EventStatuses(kind)) {
      const bool is_failure = status == "none" || (status.front() == '5' && !must_be_refused);
      if (status == (must_be_refused ? "401" : "200") || (may_fail && is_failure)) continue;
      wrong.append(kind).append(" events got ").append(status).append("\n");
    }
  }
  return wrong;
}

Deliveries::Deliveries(const std::filesystem::path& directory, const std::string& name,
                       std::vector<std::string> arguments)
    : ids_(directory / (name + ".ids")),
      process_(
          Binary("assure-sim"),
          [&] {
            arguments.insert(arguments.begin(),
                             {"deliver", "--quiet", "--ids-file", ids_.string()});
            return std::move(arguments);
          }(),
          {}, Process::Files{directory / (name + ".json"), directory / (name + ".log")}) {}

void Deliveries::Stop() { process_.Signal(SIGTERM); }

Delivered Deliveries::Finish(std::chrono::milliseconds limit) {
  if (process_.WaitForExit(limit) != 0) throw std::runtime_error(process_.Describe());
  return {std::string(common::TrimAscii(process_.StandardOutput())), ReadIdsFile(ids_)};
}

}  // namespace tests
