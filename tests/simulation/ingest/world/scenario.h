#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace simulation::intake {

enum class Kind {
  kArrive,         ///< `number` new callbacks of any providers.
  kArriveOneShot,  ///< The same, of providers that send once.
  kRedeliver,      ///< `number` of the earlier ones again.
  kCrash,          ///< An instance; it starts again after `span`.
  kPowerCut,       ///< Its machine.
  kFreeze,         ///< An instance, for `span`.
  kStop,           ///< SIGTERM; it starts again `span` after its end.
  kClock,          ///< An instance's clock is wrong by `number` seconds.
  kKafkaAway,      ///< All brokers stand still for `span`.
  kBrokerCrash,    ///< Starts again after `span`.
  kBrokerFreeze,   ///< For `span`.
  kLeaderGone,     ///< Of a partition, for `span`.
  kShort,          ///< A partition has too few replicas in sync, for `span`.
  kNetwork,        ///< Requests to Kafka are lost, late and slow, for `span`.
  kDeaf,           ///< No answer of a broker reaches an instance, for `span`.
  kReportsLate,    ///< An instance's client hands over no delivery report for `span`.
  kReportsLost,    ///< It loses some for ever, for `span`.
  kFatal,          ///< It becomes unusable, and no other can be made for `span`.
  kDiskFull,       ///< An instance's disk, for `span`.
  kDiskRefuses,    ///< It fails writes, for `span`.
  kDiskSync,       ///< It fails fsyncs, for `span`.
  kDiskHangs,      ///< For `span`.
  kDiskSlow,       ///< For `span`.
  kCannotOpen,     ///< The spool's file cannot be opened, for `span`.
  kBusy,           ///< An operator holds the file of refused callbacks, for `span`.
  kFileMoved,      ///< Somebody moves the spool's file away, with its log.
  kLogMoved,       ///< Only its log.
  kRetryRefused,  ///< An operator raises the topic's limit and marks refused callbacks for a retry.
};
inline constexpr int kKinds = static_cast<int>(Kind::kRetryRefused) + 1;

/// Something that happens to the world at a time of its own.
struct Action {
  std::chrono::milliseconds at{};
  Kind kind = Kind::kArrive;
  std::uint64_t target = 0;  ///< Which instance, broker or partition: modulo their number.
  std::chrono::milliseconds span{};
  int number = 0;
};

/// A history to come: together with the code, it determines everything.
struct Scenario {
  std::uint64_t seed = 0;  ///< Of the network's, the disks' and the senders' chances.
  int brokers = 3;
  int partitions = 2;
  int instances = 1;
  bool has_spool = true;
  int max_in_flight = 1'000;
  int batch_ms = 20;             ///< 0: nothing is held.
  int max_callback_bytes = 0;    ///< Of the topic; 0: any.
  bool may_read_limit = true;    ///< ingest can read it.
  bool has_big_records = false;  ///< Some callbacks are larger than the limit.
  std::vector<Action> actions;   ///< By time.
};

[[nodiscard]] std::string_view NameOf(Kind kind);
/// True if nothing but time passes.
[[nodiscard]] inline bool IsTraffic(Kind kind) { return kind <= Kind::kRedeliver; }

/// As C++, for a test. `space`: what the enumeration's names begin with.
[[nodiscard]] std::string ToText(const Scenario& scenario);
[[nodiscard]] std::string ToText(const Action& action, const std::string& space = {});

}  // namespace simulation::intake
