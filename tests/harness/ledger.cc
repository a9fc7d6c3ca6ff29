#include "tests/harness/ledger.h"

#include <rapidjson/document.h>

#include <fstream>
#include <map>

namespace tests {
namespace {

std::string NameOf(const std::string& provider, const std::string& dossier_id,
                   const std::string& process_id, const std::string& status) {
  return provider + " " + dossier_id + " " + process_id + " " + status;
}

std::string TextOf(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && member->value.IsString()
             ? member->value.GetString()
             : "(no " + std::string(name) + ")";
}

/// "3 missing:\n  a\n  b\n  c\n"; of many the first ones. Nothing if there are none.
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
    sent.push_back(one);
  }
  return sent;
}

std::optional<ResultValue> ReadResult(const std::string& value) {
  rapidjson::Document json;
  json.Parse(value.data(), value.size());
  if (json.HasParseError() || !json.IsObject()) return std::nullopt;
  const auto callback = json.FindMember("callback");
  if (callback == json.MemberEnd() || !callback->value.IsObject()) return std::nullopt;
  const auto partition = callback->value.FindMember("partition");
  const auto offset = callback->value.FindMember("offset");
  if (partition == callback->value.MemberEnd() || !partition->value.IsInt() ||
      offset == callback->value.MemberEnd() || !offset->value.IsInt64()) {
    return std::nullopt;
  }
  return ResultValue{.provider = TextOf(json, "provider"),
                     .dossier_id = TextOf(json, "dossierId"),
                     .process_id = TextOf(json, "processId"),
                     .status = TextOf(json, "status"),
                     .received_at = TextOf(callback->value, "receivedAt"),
                     .partition = partition->value.GetInt(),
                     .offset = offset->value.GetInt64(),
                     .fetched_at = TextOf(json, "fetchedAt")};
}

std::vector<std::string> NamesOf(const std::vector<Record>& results) {
  std::vector<std::string> names;
  for (const Record& result : results) {
    const auto value = ReadResult(result.value.value_or(""));
    names.push_back(value ? value->Name() : "unreadable result " + result.value.value_or("(null)"));
  }
  return names;
}

std::string Discrepancies(const std::vector<SentCallback>& sent,
                          const std::vector<std::string>& disposed) {
  std::map<std::string, int> times;
  for (const std::string& name : disposed) ++times[name];
  std::vector<std::string> missing;
  std::vector<std::string> doubled;
  std::vector<std::string> strange;
  for (const SentCallback& callback : sent) {
    const auto found = times.find(callback.Name());
    if (found == times.end()) {
      if (callback.is_acknowledged) missing.push_back(callback.Name());
      continue;
    }
    if (found->second > 1) {
      doubled.push_back(callback.Name() + ", " + std::to_string(found->second) + " times");
    }
    times.erase(found);
  }
  for (const auto& [name, count] : times) strange.push_back(name);
  return Listed("missing", missing) + Listed("doubled", doubled) + Listed("never sent", strange);
}

}  // namespace tests
