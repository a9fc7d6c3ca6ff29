#include "tests/harness/ledger.h"

#include <rapidjson/document.h>

#include <fstream>
#include <map>

#include "tests/harness/json.h"

namespace tests {
namespace {

std::string NameOf(const std::string& provider, const std::string& dossier_id,
                   const std::string& process_id, const std::string& status) {
  return provider + " " + dossier_id + " " + process_id + " " + status;
}

/// Renders "3 missing:\n  a\n  b\n  c\n", with the first names only if there are many. Empty
/// without names.
std::string Listed(const char* what, const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 15;
  if (names.empty()) return {};
  std::string text = std::to_string(names.size()) + " " + what + ":\n";
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i) text += "  " + names[i] + "\n";
  return names.size() > kMost ? text + "  …\n" : text;
}

}  // namespace

std::string SentCallback::Name() const { return NameOf(provider, dossier_id, process_id, status); }
std::string ResultValue::Name() const { return NameOf(provider, dossier_id, process_id, status); }

std::vector<SentCallback> ReadIdsFile(const std::string& path) {
  std::ifstream file(path);
  std::vector<SentCallback> sent;
  SentCallback one;
  std::string acknowledged;
  while (file >> one.provider >> one.dossier_id >> one.process_id >> one.status >> acknowledged >>
         one.attempts) {
    one.is_acknowledged = acknowledged == "yes";
    one.is_unsent = acknowledged == "unsent";
    sent.push_back(one);
  }
  return sent;
}

std::optional<ResultValue> ReadResult(const std::string& value) {
  rapidjson::Document json;
  json.Parse(value.data(), value.size());
  if (json.HasParseError() || !json.IsObject()) return std::nullopt;
  const auto callback = json.FindMember("callback");
  if (callback == json.MemberEnd()) return std::nullopt;
  if (callback->value.IsNull()) {
    return ResultValue{.provider = TextIn(json, "provider"),
                       .dossier_id = TextIn(json, "dossierId"),
                       .process_id = TextIn(json, "processId"),
                       .status = TextIn(json, "status"),
                       .received_at = {},
                       .is_reconciled = true,
                       .fetched_at = TextIn(json, "fetchedAt")};
  }
  if (!callback->value.IsObject()) return std::nullopt;
  const auto partition = callback->value.FindMember("partition");
  const auto offset = callback->value.FindMember("offset");
  if (partition == callback->value.MemberEnd() || !partition->value.IsInt() ||
      offset == callback->value.MemberEnd() || !offset->value.IsInt64()) {
    return std::nullopt;
  }
  return ResultValue{.provider = TextIn(json, "provider"),
                     .dossier_id = TextIn(json, "dossierId"),
                     .process_id = TextIn(json, "processId"),
                     .status = TextIn(json, "status"),
                     .received_at = TextIn(callback->value, "receivedAt"),
                     .partition = partition->value.GetInt(),
                     .offset = offset->value.GetInt64(),
                     .fetched_at = TextIn(json, "fetchedAt")};
}

std::string NameOf(const Record& result) {
  const auto value = ReadResult(result.value.value_or(""));
  return value ? value->Name() : "unreadable result " + result.value.value_or("(null)");
}

std::vector<std::string> NamesOf(const std::vector<Record>& results) {
  std::vector<std::string> names;
  for (const Record& result : results) names.push_back(NameOf(result));
  return names;
}

Discrepancy Compare(const std::vector<Expected>& expected,
                    const std::vector<std::string>& disposed) {
  std::map<std::string, std::int64_t> times;
  for (const std::string& name : disposed) ++times[name];
  Discrepancy found;
  for (const auto& [name, is_required] : expected) {
    const auto disposals = times.find(name);
    if (disposals == times.end()) {
      if (is_required) found.missing.push_back(name);
      continue;
    }
    if (const std::int64_t count = disposals->second; count > 1) {
      found.doubled.push_back(name + ", " + std::to_string(count) + " times");
      found.surplus += count - 1;
    }
    times.erase(disposals);
  }
  for (const auto& [name, count] : times) {
    found.strange.push_back(name);
    found.surplus += count;
  }
  return found;
}

Discrepancy Compare(const std::vector<SentCallback>& sent,
                    const std::vector<std::string>& disposed) {
  std::vector<Expected> expected;
  for (const SentCallback& callback : sent) {
    expected.push_back({callback.Name(), callback.is_acknowledged || callback.is_unsent});
  }
  return Compare(expected, disposed);
}

std::string Discrepancy::ToText() const {
  return Listed("missing", missing) + Listed("doubled", doubled) + Listed("never sent", strange);
}

std::string Discrepancies(const std::vector<SentCallback>& sent,
                          const std::vector<std::string>& disposed) {
  return Compare(sent, disposed).ToText();
}

}  // namespace tests
