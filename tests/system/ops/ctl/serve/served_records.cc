#include "tests/system/ops/ctl/serve/served_records.h"

#include <utility>

#include "common/json/object_writer.h"
#include "tests/system/ops/ctl/serve/page_state.h"

namespace tests {

using common::json::ObjectWriter;
using common::json::Quote;

ServedRecords::ServedRecords()
    : kafka_(Broker::Shared().bootstrap()),
      callbacks_(kafka_.CreateUniqueTopic("callbacks", {.partitions = 2, .configs = {}})),
      seen_(kafka_.CreateUniqueTopic("seen", {.partitions = 2, .configs = {}})),
      processes_(kafka_.CreateUniqueTopic("processes", {.partitions = 2, .configs = {}})),
      dead_(kafka_.CreateUniqueTopic("dead", {.partitions = 1, .configs = {}})),
      config_(directory_.Write(
          "ctl.yaml", "kafka: { bootstrap.servers: \"" + Broker::Shared().bootstrap() +
                          "\" }\nadmin: 127.0.0.1:0\ntopics: { callbacks: " + callbacks_ +
                          ", seen: " + seen_ + ", processes: " + processes_ + ", dead: " + dead_ +
                          " }\n")) {}

void ServedRecords::Serve(std::vector<std::string> options) {
  options.insert(options.end(), {"--config", config_});
  page_ = std::make_unique<ServedPage>(std::move(options));
}

Browser& ServedRecords::browser() {
  if (!browser_) browser_ = std::make_unique<Browser>();
  return *browser_;
}

void ServedRecords::Visit(const std::string& view) {
  browser().Open(page_->url());
  Go(view);
}

void ServedRecords::Go(const std::string& view) {
  browser().Evaluate("location.hash = " + Quote(view));
}

bool ServedRecords::Shows(const std::string& place, const std::string& sentence) {
  return tests::Shows(browser(), place, sentence);
}

std::string ServedRecords::TextOf(const std::string& selector) {
  return tests::TextOf(browser(), selector);
}

std::string ServedRecords::Count(const std::string& selector) {
  return browser().Evaluate("document.querySelectorAll(" + Quote(selector) + ").length");
}

Record ServedRecords::Callback(const std::string& process, const std::string& status) const {
  return {.key = process,
          .value = ObjectWriter()
                       .Text("dossierId", "d-" + process)
                       .Text("processId", process)
                       .Text("status", status)
                       .Finish(),
          .headers = {{"provider", "eid"}, {"request-id", "r-1"}, {"schema", "1"}}};
}

Record ServedRecords::Letter(const std::string& process, const std::string& reason) const {
  Record letter = Callback(process, "accepted");
  letter.headers.insert(letter.headers.end(), {{"dead.reason", reason},
                                               {"dead.attempts", "3"},
                                               {"dead.http-status", "404"},
                                               {"dead.topic", callbacks_},
                                               {"dead.partition", "0"},
                                               {"dead.offset", "0"},
                                               {"dead.redrives", "0"}});
  return letter;
}

}  // namespace tests
