#include "ops/ctl/serve/letters_to_redrive.h"

#include <rapidjson/document.h>

#include <optional>
#include <string>

#include "ops/ctl/records/record_position.h"
#include "ops/ctl/shell/arguments.h"

namespace ctl {
namespace {

constexpr rapidjson::SizeType kMost = 1000;

}  // namespace

common::Result<LettersToRedrive> ReadLettersToRedrive(std::string_view json) {
  // Without recursion, since the nesting is the client's.
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Document document;
  document.Parse<kFlags>(json.data(), json.size());
  const common::Error malformed =
      Reject(R"(the body must be {"letters":["PARTITION:OFFSET",…],"dryRun":true or false})");
  if (document.HasParseError() || !document.IsObject() || document.MemberCount() != 2) {
    return malformed;
  }
  if (!document.HasMember("letters") || !document["letters"].IsArray()) return malformed;
  if (!document.HasMember("dryRun") || !document["dryRun"].IsBool()) return malformed;
  const auto& letters = document["letters"];
  if (letters.Empty() || letters.Size() > kMost) {
    return Reject("one to " + std::to_string(kMost) + " letters can be redriven at a time");
  }
  LettersToRedrive read{.letters = {}, .is_dry_run = document["dryRun"].GetBool()};
  for (const auto& letter : letters.GetArray()) {
    std::optional<common::RecordPosition> place;
    if (letter.IsString()) {
      place = ParseRecordPosition(std::string_view(letter.GetString(), letter.GetStringLength()));
    }
    if (!place) return malformed;
    read.letters.insert(*place);
  }
  return read;
}

}  // namespace ctl
