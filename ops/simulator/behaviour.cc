#include "ops/simulator/behaviour.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>

#include "common/base/number.h"
#include "common/json/object_writer.h"
#include "ops/simulator/decimal_text.h"

namespace simulator {

std::string_view BehaviourHelp() {
  return R"(Behaviour of the API: keys of the JSON document that PUT /behaviour takes on the admin port, and
options at the start (--latency-ms 20 --missing 0.1). A PUT sets all keys: a missing key returns to
its default. GET /behaviour shows them.

  latency_ms     0       delay of every answer
  status         500     300 to 599: status of errors; 200: no errors. Without error_rate, every
                         dossier and process request gets it
  error_rate     0       share (0 to 1) of dossier and process requests answered with `status`
  retry_after_s  0       Retry-After of those answers and of the token errors, in seconds; 0: none
  token_status   200     300 to 599: the token endpoint answers this instead of a token
  down           false   true: closes the listener and every connection, so that clients get
                         "connection refused"; false: listens on the same port again
  pending_for_s  0       a process is `pending` for this long after its first request
  missing        0       404 for a share of the ids (0 to 1; always the same ids), or for a list of
                         ids. A dossier's id affects the dossier only, not its processes
  status_of      {}      {"id": 403, …}: status for these processes or dossiers, each time: 300 to
                         599. As an option: ID=403,ID=500
  body           normal  of 200 answers for dossier and process: garbage (no JSON object), huge (8 MiB),
                         page (HTML), foreign (the document of another process or dossier)
  content_encoding       Content-Encoding that these answers claim, without encoding the body; by
                         default none
)";
}

namespace {

using rapidjson::Value;

/// In the order of BodyKind.
constexpr std::array<std::string_view, 5> kBodies{"normal", "garbage", "huge", "page", "foreign"};

common::Error Reject(std::string detail) {
  return {common::Remedy::kReject, "bad_behaviour", std::move(detail)};
}

bool IsShare(const Value& value) {
  return value.IsNumber() && value.GetDouble() >= 0 && value.GetDouble() <= 1;
}

/// Sets `result` and returns true for a number of at least 0.
template <typename Duration>
bool ReadDuration(const Value& value, double unit_in_ticks, Duration& result) {
  constexpr double kMost = 1e12;
  if (!value.IsNumber() || value.GetDouble() < 0 || value.GetDouble() > kMost) return false;
  result = Duration(static_cast<typename Duration::rep>(value.GetDouble() * unit_in_ticks));
  return true;
}

bool ReadStatus(const Value& value, int& result) {
  if (!value.IsInt()) return false;
  result = value.GetInt();
  return result == 200 || (result >= 300 && result <= 599);
}

bool ReadMissing(const Value& value, Behaviour& behaviour) {
  if (IsShare(value)) {
    behaviour.missing_rate = value.GetDouble();
    return true;
  }
  if (!value.IsArray()) return false;
  for (const Value& id : value.GetArray()) {
    if (!id.IsString()) return false;
    behaviour.missing_ids.emplace(id.GetString(), id.GetStringLength());
  }
  return true;
}

bool ReadBody(const Value& value, BodyKind& result) {
  if (!value.IsString()) return false;
  const std::string_view name = value.GetString();
  const auto* const found = std::find(kBodies.begin(), kBodies.end(), name);
  if (found == kBodies.end()) return false;
  result = static_cast<BodyKind>(found - kBodies.begin());
  return true;
}

bool ReadStatusOf(const Value& value, Behaviour& behaviour) {
  if (!value.IsObject()) return false;
  for (const auto& member : value.GetObject()) {
    int status = 0;
    if (!ReadStatus(member.value, status) || status == 200) return false;
    behaviour.status_of[{member.name.GetString(), member.name.GetStringLength()}] = status;
  }
  return true;
}

bool ReadText(const Value& value, std::string& result) {
  if (!value.IsString()) return false;
  result.assign(value.GetString(), value.GetStringLength());
  return true;
}

/// A key of the document: sets its part of the behaviour, or returns false for an invalid value.
struct Key {
  std::string_view name;
  std::string_view option;
  std::string_view wants;
  bool (*read)(const Value&, Behaviour&);
};

constexpr std::array<Key, 11> kKeys{{
    {"latency_ms", "latency-ms", "a number of milliseconds",
     [](const Value& v, Behaviour& b) { return ReadDuration(v, 1, b.latency); }},
    {"error_rate", "error-rate", "a number from 0 to 1",
     [](const Value& v, Behaviour& b) {
       return IsShare(v) && ((b.error_rate = v.GetDouble()), true);
     }},
    {"status", "status", "200, or 300 to 599",
     [](const Value& v, Behaviour& b) { return ReadStatus(v, b.status); }},
    {"retry_after_s", "retry-after-s", "a number of seconds",
     [](const Value& v, Behaviour& b) { return ReadDuration(v, 1, b.retry_after); }},
    {"token_status", "token-status", "200, or 300 to 599",
     [](const Value& v, Behaviour& b) { return ReadStatus(v, b.token_status); }},
    {"down", "down", "true or false",
     [](const Value& v, Behaviour& b) { return v.IsBool() && ((b.down = v.GetBool()), true); }},
    {"pending_for_s", "pending-for-s", "a number of seconds",
     [](const Value& v, Behaviour& b) { return ReadDuration(v, 1000, b.pending_for); }},
    {"missing", "missing", "a number from 0 to 1, or a list of ids", ReadMissing},
    {"status_of", "status-of", "an object of ids and statuses from 300 to 599", ReadStatusOf},
    {"body", "body", "normal, garbage, huge, page or foreign",
     [](const Value& v, Behaviour& b) { return ReadBody(v, b.body); }},
    {"content_encoding", "content-encoding", "a text",
     [](const Value& v, Behaviour& b) { return ReadText(v, b.content_encoding); }},
}};

common::Result<Behaviour> FromDocument(const Value& document) {
  if (!document.IsObject()) return Reject("not a JSON object");
  Behaviour behaviour;
  bool has_rate = false;
  bool has_status = false;
  for (const auto& member : document.GetObject()) {
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    const auto* key =
        std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& k) { return k.name == name; });
    if (key == kKeys.end()) return Reject("unknown key '" + std::string(name) + "'");
    if (!key->read(member.value, behaviour)) {
      return Reject(std::string(name) + " must be " + std::string(key->wants));
    }
    has_rate = has_rate || name == "error_rate";
    has_status = has_status || name == "status";
  }
  if (behaviour.status == 200) behaviour.error_rate = 0;
  if (has_status && !has_rate && behaviour.status != 200) behaviour.error_rate = 1;
  return behaviour;
}

/// Calls `use` for each comma-separated part.
template <typename Use>
void ForEachPart(std::string_view list, Use use) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    use(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

}  // namespace

common::Result<Behaviour> ParseBehaviour(std::string_view json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError()) return Reject("not JSON");
  return FromDocument(document);
}

std::vector<std::string_view> BehaviourOptionNames() {
  std::vector<std::string_view> names;
  names.reserve(kKeys.size());
  for (const Key& key : kKeys) names.push_back(key.option);
  return names;
}

common::Result<Behaviour> BehaviourFromOptions(
    const std::vector<std::pair<std::string, std::string>>& options) {
  rapidjson::Document document(rapidjson::kObjectType);
  auto& allocator = document.GetAllocator();
  const auto text = [&](std::string_view value) {
    return Value(value.data(), static_cast<rapidjson::SizeType>(value.size()), allocator);
  };
  for (const auto& entry : options) {
    const std::string_view option = entry.first;
    const std::string& argument = entry.second;
    const auto* known =
        std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& k) { return k.option == option; });
    const std::string_view key = known == kKeys.end() ? option : known->name;
    rapidjson::Document json(&allocator);
    json.Parse(argument.data(), argument.size());
    Value value;
    if (!json.HasParseError()) {
      value.CopyFrom(json, allocator);
    } else if (key == "missing") {
      value.SetArray();
      ForEachPart(argument, [&](std::string_view id) { value.PushBack(text(id), allocator); });
    } else if (key == "status_of") {
      value.SetObject();
      ForEachPart(argument, [&](std::string_view part) {
        const std::size_t equals = std::min(part.find('='), part.size());
        const auto status =
            common::ParseNumber<int>(part.substr(std::min(equals + 1, part.size())));
        value.AddMember(text(part.substr(0, equals)), Value(status.value_or(0)), allocator);
      });
    } else {
      value = text(argument);
    }
    document.AddMember(text(key), value, allocator);
  }
  return FromDocument(document);
}

std::string ToJson(const Behaviour& behaviour) {
  common::json::ObjectWriter status_of;
  for (const auto& [id, status] : behaviour.status_of) status_of.Number(id, status);
  std::string ids;
  for (const std::string& id : behaviour.missing_ids) {
    ids.append(ids.empty() ? "[" : ",").append(common::json::Quote(id));
  }
  common::json::ObjectWriter json;
  json.Number("latency_ms", behaviour.latency.count())
      .Raw("error_rate", DecimalText(behaviour.error_rate))
      .Number("status", behaviour.status)
      .Number("retry_after_s", behaviour.retry_after.count())
      .Number("token_status", behaviour.token_status)
      .Bool("down", behaviour.down)
      .Raw("pending_for_s",
           DecimalText(std::chrono::duration<double>(behaviour.pending_for).count()));
  if (ids.empty()) {
    json.Raw("missing", DecimalText(behaviour.missing_rate));
  } else {
    json.Raw("missing", ids + "]");
  }
  return json.Raw("status_of", status_of.Finish())
      .Text("body", kBodies[static_cast<std::size_t>(behaviour.body)])
      .Text("content_encoding", behaviour.content_encoding)
      .Finish();
}

}  // namespace simulator
