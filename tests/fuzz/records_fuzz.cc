#include <string>
#include <string_view>

#include "common/callback/callback_facts.h"
#include "common/domain/callback_record.h"
#include "common/domain/dead_letter.h"
#include "common/domain/marker.h"
#include "common/domain/provider_rules.h"
#include "consumer/state/result_record.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/reference_json.h"
#include "tests/fuzz/require.h"

// How consumer reads records of `callbacks` and `callbacks.seen`.
//
//   input := { name ":" value LF } LF value
namespace {

using fuzz::JsonValue;
using fuzz::Require;

common::RecordHeaders ReadHeaders(std::string_view& rest) {
  common::RecordHeaders headers;
  while (true) {
    const std::string_view line = fuzz::ReadLine(rest);
    if (line.empty()) return headers;
    const std::size_t colon = line.find(':');
    headers.push_back({std::string(line.substr(0, colon)),
                       std::string(colon == std::string_view::npos ? "" : line.substr(colon + 1))});
  }
}

const JsonValue& MemberOf(const JsonValue& object, std::string_view name) {
  for (std::size_t i = 0; i < object.names.size(); ++i) {
    if (object.names[i] == name) return object.items[i];
  }
  Require(false, "a result has all its members");
  return object;
}

void RequireResult(const common::CallbackFacts& facts, const common::RecordHeaders& headers) {
  const consumer::ResultRecord result = consumer::MakeResult(
      facts, headers, {.partition = common::Partition(3), .offset = common::Offset(12)},
      {.process = R"({"status":"accepted"})", .dossier = std::nullopt, .fetched_at = {}});
  Require(result.key == facts.process.str(), "a result's key");
  const fuzz::Reference value = fuzz::ReadReference(result.value);
  Require(value.validity == fuzz::Validity::kValid, "a result is JSON");
  Require(MemberOf(value.value, "processId").text == facts.process.str(), "a result's process");
  Require(MemberOf(value.value, "dossierId").text == facts.dossier.str(), "a result's dossier");
  Require(MemberOf(value.value, "status").text == facts.status.value_or("null"),
          "a result's status");
  Require(MemberOf(value.value, "dossier").text == "null", "a result without dossier");
  Require(common::LastHeader(result.headers, "schema") == "1", "a result's schema");
}

void RequireDeadLetter(const common::RecordHeaders& headers) {
  common::DeadLetter letter;
  letter.topic = "callbacks";
  const common::RecordHeaders dead = common::HeadersOf(headers, letter);
  Require(common::LastHeader(dead, "dead.reason") == "malformed", "a dead letter's reason");
  Require(common::LastHeader(dead, "dead.redrives").has_value(), "a dead letter's redrives");
  std::size_t kept = 0;
  for (const common::RecordHeader& header : headers) {
    if (header.name.starts_with("dead.")) continue;
    while (kept < dead.size() && !(dead[kept] == header)) ++kept;
    Require(kept++ < dead.size(), "a dead letter has the original's headers in their order");
  }
  common::RecordHeaders expected;
  for (const common::RecordHeader& header : headers) {
    if (header.name.starts_with("dead.")) continue;
    if (header.name != "redrive" && header.name != "redrive-reason") expected.push_back(header);
  }
  expected.push_back({"redrive", "callbacks.dead-1-2"});
  expected.push_back({"redrive-reason", "malformed"});
  expected.push_back({"dead.redrives", std::to_string(common::RedrivesOf(headers) + 1)});
  Require(common::RedrivenHeaders(dead, "callbacks.dead-1-2") == expected,
          "a redrive gives the original's headers back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const common::ProviderTable providers;
  std::string_view value = fuzz::TextOf(data, size);
  const common::RecordHeaders headers = ReadHeaders(value);
  const common::CallbackFacts facts = common::ReadCallback(value, headers, providers);
  Require(facts.identity == common::ReadCallback(value, headers, providers).identity,
          "the same record is the same fact");
  if (facts.is_readable) {
    Require(!facts.dossier.empty() && !facts.process.empty(), "a readable callback has its ids");
    RequireResult(facts, headers);
  }
  const std::string key =
      common::CallbackKey(facts.is_readable ? std::optional(facts.process) : std::nullopt, value);
  Require(!key.empty() && key.size() <= 256, "a key is short");
  RequireDeadLetter(headers);
  const auto marker = common::ReadMarker(value, headers, {});
  Require(marker.has_value() == (value.size() == common::Identity::kSize), "a marker's key");
  return 0;
}
