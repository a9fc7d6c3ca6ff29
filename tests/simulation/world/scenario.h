#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace simulation {

enum class Kind {
  kArrive,        ///< `number` new callbacks; below 0: of processes with large documents.
  kRedeliver,     ///< `number` of the earlier ones again.
  kCrash,         ///< An instance; it starts again after `span`.
  kFreeze,        ///< An instance, for `span`.
  kStop,          ///< An instance, in good order; it starts again after `span`.
  kTwin,          ///< A second instance of the same name, for `span`.
  kScale,         ///< One more instance, for `span`.
  kEvict,         ///< An operator removes an instance's members from the group.
  kDeaf,          ///< No answer of a broker reaches an instance, for `span`.
  kStall,         ///< A thread of each other instance stands still for `span`, before it commits.
  kClock,         ///< An instance's clock is wrong by `number` seconds.
  kBrokerClock,   ///< A broker's clock is wrong by `number` minutes.
  kBrokerCrash,   ///< Starts again after `span`.
  kBrokerFreeze,  ///< For `span`.
  kLeaderGone,    ///< Of a partition, for `span`.
  kNetwork,       ///< Requests are lost, late and slow, for `span`.
  kMarkersSlow,   ///< Control records come seconds late, for `span`.
  kMarkersLost,   ///< Control records are forgotten whose leader is away, for `span`.
  kForget,        ///< Control records of one transaction are forgotten, by `number`'s bits.
  kApiDown,       ///< For `span`.
  kApiBad,        ///< Errors, slowness, other people's answers, for `span`.
  kTruncate,      ///< The log of a partition of `callbacks` loses its last `number` records.
  kExpire,        ///< It loses its first `number` records.
  kRecreate,      ///< `callbacks` is deleted and created again.
  kAnnounce,      ///< `number` new processes are announced. Some of their callbacks never come.
  kTruncateExpected,  ///< The log of a partition of announcements loses its last `number` records.
  kRaise,  ///< All stop, and topics get `number` more partitions. `span`: the first try is killed.
  // Of one request, so they need an aim.
  kHold,         ///< It takes `span` longer.
  kLate,         ///< Its connection breaks; it is carried out after `span`.
  kLoseAnswer,   ///< It is carried out; its connection breaks.
  kRefuse,       ///< It is answered with TRANSACTION_ABORTABLE; a commit fails before its EndTxn.
  kRefuseAgain,  ///< It is carried out, its answer is lost, and the next one is refused.
};

/// A kind of request.
enum class Aim {
  kNone,
  kAddPartitions,
  kProduce,
  kOffsets,
  kCommit,
  kAbort,
  kInitialise,
  kJoin,
  kFetchOffsets,
  kFetch,
};

/// Something that happens to the world at a time of its own; or, with an aim, when the first such
/// request from that time on is sent or was carried out. Then its target is who sent the request,
/// the broker that got it, or its partition.
struct Action {
  std::chrono::milliseconds at{};
  Kind kind = Kind::kArrive;
  std::uint64_t target = 0;  ///< Which instance, broker or partition: modulo their number.
  std::chrono::milliseconds span{};
  int number = 0;
  Aim aim = Aim::kNone;
  bool is_at_once = false;  ///< When the request is sent.
};

/// A history to come: together with the code, it determines everything.
struct Scenario {
  std::uint64_t seed = 0;  ///< Of the network's and the API's chances.
  int brokers = 3;
  int partitions = 4;
  int instances = 2;
  int lanes = 1;
  int recent = 0;                  ///< Redelivered are only so many last callbacks; 0: any.
  int slow_percent = 0;            ///< So many answers of the API take seconds.
  bool has_big_records = false;    ///< Some documents and callbacks are larger than topics allow.
  bool has_announcements = false;  ///< `callbacks.expected` exists, and lanes watch it.
  bool has_epochs = false;         ///< Clients are librdkafka 2.1 or later.
  std::vector<Action> actions;     ///< By time.
};

[[nodiscard]] std::string_view NameOf(Kind kind);
[[nodiscard]] std::string_view NameOf(Aim aim);
/// True if nothing but time passes: a callback arrives, for the first time or again.
[[nodiscard]] inline bool IsTraffic(Kind kind) {
  return kind == Kind::kArrive || kind == Kind::kRedeliver || kind == Kind::kAnnounce;
}

/// As C++, for a test. `space`: what the enumerations' names begin with.
[[nodiscard]] std::string ToText(const Scenario& scenario);
[[nodiscard]] std::string ToText(const Action& action, const std::string& space = {});

}  // namespace simulation
