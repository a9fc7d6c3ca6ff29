#include "ops/ctl/expect/expect_request.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "common/base/text.h"
#include "common/callback/announcements.h"
#include "common/json/callback_body.h"
#include "common/json/expected_process.h"
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

Result<common::ProcessId> ProcessOf(std::string_view text) {
  std::optional<common::ProcessId> process;
  if (text.starts_with('{')) {
    process = common::json::ReadCallbackBody(text).process;
    if (!process) return Reject("no JSON object with a processId");
  } else {
    process = common::ProcessId(common::NormalizeId(std::string(text)));
  }
  if (process->str().size() > common::kLongestExpectedId) {
    return Reject("the processId is longer than " + std::to_string(common::kLongestExpectedId) +
                  " bytes");
  }
  return *std::move(process);
}

Result<Requests> ReadForgotten(std::string_view text) {
  Requests requests;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view content = common::TrimAscii(text.substr(0, end));
    if (!content.empty()) {
      auto process = ProcessOf(content);
      if (!process) return Reject("line " + std::to_string(line) + ": " + process.error().detail);
      requests.push_back({.process = *std::move(process)});
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (requests.empty()) return Reject("the file is empty");
  return requests;
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
    if (common::TrimAscii(arguments.Text("--process")).empty()) {
      return Reject("--process ID is required, or --file FILE");
    }
    return ReadForgotten(arguments.Text("--process"));
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
  constexpr std::string_view kLine = "line 1: ";
  if (!read) return Reject(read.error().detail.substr(kLine.size()));
  return read;
}

Result<Requests> ReadExpectFile(std::string_view text, bool forget,
                                const common::ProviderTable& providers) {
  return forget ? ReadForgotten(text) : ReadAnnounced(text, providers);
}

}  // namespace ctl
