#include "ops/ctl/expect/expect_request.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <variant>

#include "common/base/text.h"
#include "common/callback/announcements.h"
#include "common/json/fields.h"
#include "common/json/object_writer.h"

namespace ctl {
namespace {

using common::Result;
using Requests = std::vector<ExpectRequest>;

constexpr std::size_t kMost = 1'000'000;

Result<Requests> ReadAnnounced(std::string_view text, const common::ProviderTable& providers) {
  auto read = common::ReadAnnouncements(text, providers, kMost);
  if (const auto* mistake = std::get_if<common::LineMistake>(&read)) {
    return Reject("line " + std::to_string(mistake->line) + ": " + mistake->what);
  }
  Requests requests;
  for (common::ExpectedProcess& expected : std::get<common::Announcements>(read)) {
    common::ProcessId process = expected.process;
    requests.push_back({.process = std::move(process), .announcement = std::move(expected)});
  }
  return requests;
}

Result<common::ProcessId> Normalized(std::string_view id) {
  common::ProcessId process(common::NormalizeId(std::string(id)));
  if (process.empty()) return Reject("the processId is empty");
  if (process.str().size() > common::kLongestExpectedId) {
    return Reject("the processId is longer than " + std::to_string(common::kLongestExpectedId) +
                  " bytes");
  }
  return process;
}

/// Of an announcement, or any other JSON object with a processId.
Result<common::ProcessId> ProcessOfObject(std::string_view json) {
  std::array<common::json::Field, 1> fields{};
  fields[0].name = "processId";
  if (!common::json::ReadFields(json, fields)) return Reject("not one JSON object in UTF-8");
  const common::json::Field& field = fields[0];
  if (field.is_contradictory) return Reject("processId occurs twice, with different values");
  if (field.kind == common::json::Field::Kind::kAbsent) return Reject("processId is missing");
  if (field.kind != common::json::Field::Kind::kText) return Reject("processId is not a text");
  return Normalized(field.value);
}

/// A file of the wrong kind must not become tombstones: other characters need an object.
bool IsPlainId(std::string_view text) {
  constexpr std::string_view kOfOtherFormats = "\"'`,;[]{}<>()\\";
  return std::ranges::all_of(text, [&](char c) {
    return c > ' ' && c <= '~' && kOfOtherFormats.find(c) == std::string_view::npos;
  });
}

Result<common::ProcessId> ProcessOfLine(std::string_view line) {
  if (line.starts_with('{')) return ProcessOfObject(line);
  if (!IsPlainId(line)) {
    return Reject(
        "not a processId: a line has one without quotes, commas, brackets and white space, in "
        "ASCII, or a JSON object");
  }
  if (common::ToLowerAscii(std::string(line)) == "processid") {
    return Reject("the name of a column, not a processId");
  }
  return Normalized(line);
}

Result<Requests> ReadForgotten(std::string_view text) {
  Requests requests;
  if (common::json::ReadFields(text, {})) {  // One object, which may span lines.
    auto process = ProcessOfObject(text);
    if (!process) return Reject("line 1: " + process.error().detail);
    requests.push_back({.process = *std::move(process)});
    return requests;
  }
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view content = common::TrimAscii(text.substr(0, end));
    if (!content.empty()) {
      auto process = ProcessOfLine(content);
      if (!process) return Reject("line " + std::to_string(line) + ": " + process.error().detail);
      requests.push_back({.process = *std::move(process)});
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (requests.empty()) return Reject("the file is empty");
  return requests;
}

/// Any id that can be announced.
Result<Requests> ReadForgottenOption(const std::string& id) {
  if (common::TrimAscii(id).empty()) return Reject("--process ID is required, or --file FILE");
  return ReadForgotten(common::json::ObjectWriter().Text("processId", id).Finish());
}

/// For options, which have no lines.
common::Error WithoutLine(const common::Error& mistake) {
  constexpr std::string_view kLine = "line 1: ";
  const std::string& what = mistake.detail;
  return Reject(what.starts_with(kLine) ? what.substr(kLine.size()) : what);
}

}  // namespace

Result<Requests> ReadExpectOptions(const Arguments& arguments,
                                   const common::ProviderTable& providers) {
  if (arguments.Has("--forget")) {
    for (const std::string_view option : {"--dossier", "--provider", "--within"}) {
      if (arguments.Has(option)) {
        return Reject(std::string(option) + " is not needed to forget a process");
      }
    }
    auto forgotten = ReadForgottenOption(arguments.Text("--process"));
    return forgotten ? forgotten : WithoutLine(forgotten.error());
  }
  for (const std::string_view option : {"--dossier", "--process", "--provider"}) {
    if (!arguments.Has(option)) {
      return Reject(std::string(option) + " is required, or --file FILE");
    }
  }
  common::json::ObjectWriter writer;
  writer.Text("dossierId", arguments.Text("--dossier"))
      .Text("processId", arguments.Text("--process"))
      .Text("provider", arguments.Text("--provider"));
  if (arguments.Has("--within")) writer.Text("within", arguments.Text("--within"));
  auto read = ReadAnnounced(writer.Finish(), providers);
  return read ? read : WithoutLine(read.error());
}

Result<Requests> ReadExpectFile(std::string_view text, bool forget,
                                const common::ProviderTable& providers) {
  return forget ? ReadForgotten(text) : ReadAnnounced(text, providers);
}

}  // namespace ctl
