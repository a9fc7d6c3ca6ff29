#include "tests/demo/page_pictures.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/json/object_writer.h"
#include "tests/harness/browser.h"
#include "tests/harness/served_page.h"
#include "tests/support/http_client.h"

namespace tests {
namespace {

using common::json::ObjectWriter;
using std::chrono::seconds;

constexpr const char* kPublished = "0b9a2c4e-7d1f-4c7a-9a53-6f0e7c1d2b31";
constexpr const char* kRedriven = "5f3d8e10-2a64-4b8e-8c07-d1e94f6a7b52";
constexpr const char* kGone = "9c47b1a6-e05d-4f39-b6d2-18a3c5e7f073";
constexpr const char* kDossier = "d0551e20-1b6a-4e65-8d0a-6a3c0b1f2d44";

void Send(const Pipeline& pipeline, const std::string& provider, const std::string& body) {
  const int answer =
      Post(pipeline.target() + "/" + provider, body, {{"Authorization", Pipeline::kAuthorization}})
          .status;
  if (answer != 200) throw std::runtime_error("ingest answered " + std::to_string(answer));
}

void Deliver(const Pipeline& pipeline, const std::string& provider, const std::string& process,
             const std::string& status) {
  Send(pipeline, provider,
       ObjectWriter()
           .Text("dossierId", kDossier)
           .Text("processId", process)
           .Text("status", status)
           .Finish());
}

void Must(bool is_so, const std::string& what) {
  if (!is_so) throw std::runtime_error(what);
}

/// A first delivery with its redelivery, a dead letter that is redriven with success, and others.
void LetThingsHappen(soak::Run& run, Pipeline& pipeline) {
  pipeline.fetch = {{"not_found_for", "300ms"}, {"backoff", "{ base: 50ms, cap: 1s }"}};
  pipeline.StartIngest();
  pipeline.StartConsumer();
  pipeline.Behave(R"({"latency_ms":40,"missing":[")" + std::string(kRedriven) + R"(",")" + kGone +
                  R"("],"status_of":{"3e1a":422,"7b2f":422}})");
  Deliver(pipeline, "eid", kPublished, "accepted");
  Deliver(pipeline, "onfido", kRedriven, "accepted");
  Deliver(pipeline, "onfido", kGone, "rejected");
  Deliver(pipeline, "readid", "3e1a", "accepted");
  Deliver(pipeline, "paper", "7b2f", "accepted");
  Send(pipeline, "eid", "not JSON");
  run.Await([&] { return pipeline.DeadLetters().size() == 5; }, seconds(60), "no dead letters");
  Deliver(pipeline, "eid", kPublished, "accepted");
  pipeline.Behave(R"({"latency_ms":40})");
  const Finished redriven = RunProgram(
      Binary("sluicectl"),
      {"dead", "redrive", "--id", kRedriven, "--config", pipeline.consumer_yaml().string()},
      seconds(60));
  Must(redriven.status == 0, redriven.error_output);
  run.Await([&] { return pipeline.Results().size() == 2; }, seconds(60), "no results");
  Must(pipeline.AwaitAllDisposed(), "the consumer does not reach the end of callbacks");
}

class Photographer {
 public:
  explicit Photographer(const ServedPage& page) { browser_.Open(page.url()); }

  void Visit(const std::string& view, const std::string& ready) {
    browser_.Evaluate("location.hash = " + common::json::Quote(view));
    Await(ready);
  }
  void Click(const std::string& selector, const std::string& ready) {
    browser_.Evaluate("document.querySelector(" + common::json::Quote(selector) + ").click()");
    Await(ready);
  }
  void Narrow() { width_ = 360; }
  /// As high as the page, within reason.
  void Save(const std::string& name, const std::vector<bool>& is_dark = {false}) {
    browser_.Resize(width_, 600);
    const int height = std::stoi(browser_.Evaluate("document.documentElement.scrollHeight"));
    browser_.Resize(width_, std::min(height, 1200));
    for (const bool dark : is_dark) {
      browser_.PreferDark(dark);
      browser_.SavePicture(
          SourcePath("ops/docs/pictures/page-" + name + (dark ? "-dark" : "") + ".png"));
    }
  }
  [[nodiscard]] const Browser& browser() const { return browser_; }

 private:
  void Await(const std::string& ready) {
    Must(browser_.Await(ready), ready + ": " + browser_.Evaluate("document.body.innerText"));
  }

  Browser browser_;
  int width_ = 1100;
};

}  // namespace

void SavePagePictures(soak::Run& run) {
  run.StartBroker(1);
  Pipeline& pipeline = run.StartPipeline(1);
  run.Step("callbacks, duplicates and dead letters");
  LetThingsHappen(run, pipeline);
  run.Step("taking pictures of the page");
  const ServedPage page({"--config", pipeline.consumer_yaml().string(), "--instance",
                         pipeline.consumer_admin() + "," + pipeline.ingest_admin(),
                         "--allow-redrive", "--grafana", "https://grafana.example.com"});
  Photographer photographer(page);
  const std::string timeline = "document.querySelectorAll('.timeline li').length";
  photographer.Visit("#/search?id=" + std::string(kRedriven), timeline + " === 4");
  photographer.Save("search", {false, true});
  photographer.Visit("#/status", "document.querySelector('#status table') !== null");
  photographer.Save("status");
  photographer.Visit("#/providers", "document.querySelector('#providers table') !== null");
  photographer.Save("providers");
  photographer.Visit("#/dead", "document.querySelectorAll('#dead tbody tr').length === 5");
  photographer.Save("dead", {false, true});
  photographer.Narrow();
  photographer.Save("dead-narrow");
  photographer.Click("#dead .choice input",
                     "!document.querySelector('#dead .actions button').disabled");
  photographer.Click("#dead .actions button",
                     "document.querySelector('#redrive .state').textContent.includes('Dry run')");
  photographer.Save("redrive-narrow");
  for (const std::string& complaint : photographer.browser().complaints()) {
    throw std::runtime_error("on the browser's console: " + complaint);
  }
}

}  // namespace tests
