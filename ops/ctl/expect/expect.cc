#include "ops/ctl/expect/expect.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>

#include "common/base/duration.h"
#include "common/json/object_writer.h"
#include "common/kafka/topic_check.h"
#include "common/runtime/shutdown.h"
#include "ops/ctl/expect/announcement_sender.h"
#include "ops/ctl/expect/expect_request.h"
#include "ops/ctl/kafka/cluster.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {
namespace {

using common::Result;

constexpr std::size_t kLargestFile = std::size_t{256} * 1024 * 1024;

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return Reject(path + ": cannot be opened");
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string text;
  std::string block(std::size_t{64} * 1024, '\0');
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block, 0, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kLargestFile) return Reject(path + ": is larger than 256 MiB");
  }
  if (in.bad()) return Reject(path + ": cannot be read");
  return text;
}

Result<std::vector<ExpectRequest>> ReadRequests(const Arguments& arguments,
                                                const common::ProviderTable& providers) {
  if (!arguments.Has("--file")) return ReadExpectOptions(arguments, providers);
  for (const std::string_view option : {"--dossier", "--process", "--provider", "--within"}) {
    if (arguments.Has(option))
      return Reject(std::string(option) + " and --file exclude each other");
  }
  const std::string path = arguments.Text("--file");
  const Result<std::string> text = ReadFile(path);
  if (!text) return text.error();
  auto requests = ReadExpectFile(*text, arguments.Has("--forget"), providers);
  if (!requests) return Reject(path + ": " + requests.error().detail + "; nothing was written");
  return requests;
}

/// On a topic with other partitions nobody would find the announcements.
Result<void> CheckTopic(const ClusterSettings& settings) {
  using common::kafka::TopicScope;
  constexpr auto kScope = TopicScope::kCallbacksAndExpected;
  const auto cluster = Cluster::Open(settings);
  if (!cluster) return cluster.error();
  const auto facts = cluster.value()->Facts(common::kafka::TopicsOf(settings.topics, kScope));
  if (!facts) return facts.error();
  for (const auto& finding : common::kafka::CheckTopics(settings.topics, kScope, {}, *facts)) {
    if (finding.topic == settings.topics.expected && common::kafka::IsRefused(finding.fault)) {
      return common::Error{common::Remedy::kStop, "topic", finding.text};
    }
  }
  return {};
}

std::string ToJson(const ExpectRequest& request, const SentAnnouncement& sent) {
  common::json::ObjectWriter object;
  object.Text("what", request.announcement ? "announced" : "forgotten")
      .Text("processId", request.process.str());
  if (request.announcement) {
    object.Text("dossierId", request.announcement->dossier.str())
        .Text("provider", request.announcement->provider);
    const auto& within = request.announcement->within;
    object.TextOrNull("within",
                      within ? std::optional(common::FormatDuration(*within)) : std::nullopt);
  }
  if (sent.error) return object.Text("error", *sent.error).Finish();
  return object.Number("partition", sent.place->partition.number())
      .Number("offset", sent.place->offset.number())
      .Finish();
}

std::string ToLine(const ExpectRequest& request, const SentAnnouncement& sent) {
  std::string line = sent.error ? "not stored" : request.announcement ? "announced " : "forgotten ";
  line += "  process " + Printable(request.process.str());
  if (request.announcement) {
    line += "  dossier " + Printable(request.announcement->dossier.str()) + "  " +
            request.announcement->provider;
    if (const auto& within = request.announcement->within) {
      line += "  within " + common::FormatDuration(*within);
    }
  }
  if (sent.error) return line + "  " + *sent.error + "\n";
  return line + "  at " + ToText(sent.place->partition) + ":" + ToText(sent.place->offset) + "\n";
}

Result<int> Expect(const Arguments& arguments, Output& output) {
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const auto requests = ReadRequests(arguments, settings->providers);
  if (!requests) return requests.error();
  if (const auto checked = CheckTopic(*settings); !checked) return checked.error();
  const common::Shutdown shutdown;  // Before the client: it blocks signals in its threads.
  const auto sender = AnnouncementSender::Open(*settings);
  if (!sender) return sender.error();
  const auto sent = sender.value()->Send(*requests, shutdown.token());

  std::vector<std::string> objects;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (output.is_json) {
      objects.push_back(ToJson((*requests)[i], sent[i]));
    } else {
      output.out << ToLine((*requests)[i], sent[i]);
    }
  }
  if (output.is_json) output.out << RenderArray(objects) << "\n";
  const auto failed =
      std::ranges::count_if(sent, [](const auto& one) { return one.error.has_value(); });
  if (failed == 0) return 0;
  output.err << failed << " of " << sent.size()
             << " are not known to be stored: repeat the command, which is harmless\n";
  return 1;
}

}  // namespace

std::vector<Command> ExpectCommands() {
  return {{"expect",
           "announces processes whose callbacks are expected, or forgets them; consumer watches\n"
           "for what is announced (`expected` of consumer.yaml). Checks all before it writes any.\n"
           "Status 0: all is stored",
           {{"--dossier", "ID", "the dossierId"},
            {"--process", "ID", "the processId"},
            {"--provider", "NAME", "a row of the configuration"},
            {"--within", "DURATION", "when the callback is due, default as consumer says"},
            {"--file", "FILE",
             "announcements, one JSON object or one a line, - for stdin; with --forget also "
             "processIds"},
            {"--forget", "", "no callback is expected any more"}},
           Expect}};
}

}  // namespace ctl
