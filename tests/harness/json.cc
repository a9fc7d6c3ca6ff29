#include "tests/harness/json.h"

#include <stdexcept>

namespace tests {

rapidjson::Document ParseJson(std::string_view text) {
  rapidjson::Document json;
  json.Parse(text.data(), text.size());
  if (json.HasParseError() || !json.IsObject()) {
    throw std::runtime_error("no JSON object: " + std::string(text));
  }
  return json;
}

std::int64_t NumberIn(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsInt64()) {
    throw std::runtime_error("there is no number " + std::string(name));
  }
  return member->value.GetInt64();
}

std::string TextIn(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) {
    return "(no " + std::string(name) + ")";
  }
  return {member->value.GetString(), member->value.GetStringLength()};
}

}  // namespace tests
