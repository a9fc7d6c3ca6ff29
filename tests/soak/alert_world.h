#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/harness/deliveries.h"
#include "tests/harness/metrics_page.h"
#include "tests/soak/run.h"

namespace soak {

/// The pipeline under load, with the configuration that the alerts need. Times that cannot be
/// scaled are reached by configuration: eid gives up after 110 s, the spool is small, records above
/// 200,000 bytes are refused.
class AlertWorld {
 public:
  /// An outage fills it.
  static constexpr const char* kSmallSpool = "2560KiB";

  /// Starts everything, including the providers. Precondition: the run has a broker.
  explicit AlertWorld(Run& run);

  [[nodiscard]] tests::Pipeline& pipeline() { return run_.pipeline(); }
  [[nodiscard]] int rate() const { return rate_; }

  /// Throws if a program has ended that was not killed through this object.
  void RequireAll();

  void KillIngest();
  void StartIngest();  ///< Returns once it is ready.
  void KillConsumer();
  void StartConsumer();

  /// A separate process sends Connect's callbacks, so that they can stop.
  void SendConnect();
  void SilenceConnect() { connect_.reset(); }

  /// Sends one callback with this many bytes of padding. Returns the status; 0 without an answer.
  /// Threads: any.
  int Post(const std::string& provider, int padding);
  int PostText(const std::string& provider, std::string body);
  /// Sends ten signed events, and of each a copy that was signed an hour ago.
  void SendStaleEvents();
  /// `sluicectl expect`, with these arguments. False if its status is not 0.
  [[nodiscard]] bool Expect(std::vector<std::string> arguments);
  /// Writes a callback with a receipt time in an hour straight to its topic.
  void WriteCallbackOfTheFuture();

  /// Runs sluicectl; its output goes to sluicectl-COMMAND.log. False if its status is not 0.
  [[nodiscard]] bool Ctl(std::vector<std::string> arguments) const;

  /// Replaces the secret that ingest accepts from these providers.
  void ChangeSecrets(const std::set<std::string>& providers, const std::string& secret);

  [[nodiscard]] double SumOfIngest(const std::string& name,
                                   const tests::MetricsPage::Labels& labels = {}) const;
  [[nodiscard]] double StoredByIngest() const;
  /// The number of callbacks that consumer counted with this outcome.
  [[nodiscard]] double CountOfConsumer(const std::string& outcome) const;

 private:
  Run& run_;
  int rate_;
  std::atomic<int> posts_ = 0;
  std::uint64_t connects_ = 0;
  bool has_ingest_ = true;
  bool has_consumer_ = true;
  std::unique_ptr<tests::Deliveries> providers_;
  std::unique_ptr<tests::Deliveries> connect_;
};

}  // namespace soak
