#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/domain/callback_record.h"
#include "common/domain/provider_rules.h"
#include "common/http/message.h"
#include "tests/simulation/cluster/watch.h"
#include "tests/simulation/ingest/disk/disk.h"
#include "tests/simulation/runtime/runtime.h"
#include "tests/simulation/runtime/trace.h"

namespace simulation::intake {

inline constexpr std::size_t kMaxBody = 16'384;
inline constexpr std::size_t kSpoolBytes = 4'000'000;
inline constexpr std::size_t kMinFreeDisk = 1'000'000;

class Process;

/// Hears of everything at the moment when it happens, and says what must not.
class Judge final : public ClusterWatch, public DiskWatch {
 public:
  Judge(Runtime& runtime, Trace& trace) : runtime_(runtime), trace_(trace) {}

  void Blame(const std::string& what);
  /// The disks of all machines.
  void Sees(const Disk& disk) { disks_.push_back(&disk); }

  // Of senders.
  struct Delivery {
    std::string route;
    std::string body;
    bool comes_in_pieces = false;
    const Process* process = nullptr;
    Time first_byte{};  ///< Epoch: not received yet.
    bool is_answered = false;
  };
  void Sending(std::uint64_t number, Delivery delivery);

  // Of the model clients.
  void Received(const Host& host, std::uint64_t delivery);
  void Answered(const Host& host, std::uint64_t delivery, const common::http::Answer& answer);
  /// The connection ends in good order, without an answer.
  void Dropped(const Host& host, std::uint64_t delivery);
  /// A record is handed to the client.
  void Produced(const Host& host, const common::Envelope& envelope);

  // ClusterWatch
  void Written(Place place, const Entry& entry) override;
  void Ended(Place /*place*/, const Entry& /*entry*/) override {}
  void Decided(std::uint64_t /*transaction*/, bool /*is_commit*/) override {}
  void OffsetCommitted(int /*partition*/, const Committed& /*committed*/) override {}
  // DiskWatch
  void Removed(const Host& host, const StoredRow& row) override;
  void Refused(const std::string& id) override { ever_refused_.insert(id); }

  // Of the world.
  void SetLimit(std::size_t max_callback_bytes) { limit_ = max_callback_bytes; }
  void Look(const Process& process);
  /// The request ids that were answered 200 and are neither in Kafka nor refused.
  [[nodiscard]] std::vector<std::string> Missing() const;
  void JudgeEnd();

  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  [[nodiscard]] std::size_t promised() const { return promised_.size(); }
  /// Of those, the ones that are in Kafka.
  [[nodiscard]] std::vector<std::string> Kept() const;
  [[nodiscard]] std::size_t written() const { return records_.size(); }
  [[nodiscard]] std::size_t spooled() const { return spooled_; }
  [[nodiscard]] std::size_t copies() const { return copies_; }

 private:
  struct Record {
    std::string key;
    std::string value;
    std::string provider;
    std::string received_at;
  };
  /// A callback seems to have overtaken an earlier one, unless that one ends as refused.
  struct Doubt {
    std::string earlier;
    std::string what;
  };

  [[nodiscard]] bool IsInKafka(const std::string& id) const { return records_.contains(id); }
  [[nodiscard]] bool IsRefused(const std::string& id) const;
  /// The key counts, too.
  [[nodiscard]] bool IsTooLarge(std::size_t body) const { return limit_ > 0 && body + 64 > limit_; }
  void JudgeRefusal(const Process& process, const Delivery& delivery,
                    const common::http::Answer& answer);
  void JudgeOrderOfKey(const std::string& id);

  Runtime& runtime_;
  Trace& trace_;
  common::ProviderTable providers_;
  std::vector<const Disk*> disks_;
  std::map<std::uint64_t, Delivery> deliveries_;
  std::map<std::string, std::uint64_t> sent_of_body_;         ///< Deliveries.
  std::map<std::string, std::set<std::string>> ids_of_body_;  ///< Records.
  std::map<std::string, Record> records_;                     ///< In Kafka, by request id.
  std::map<std::string, std::uint64_t> promised_;             ///< Answered 200, by request id.
  std::set<std::string> ever_refused_;                        ///< Request ids.
  std::vector<Doubt> doubts_;
  std::vector<std::string> violations_;
  std::size_t limit_ = 0;
  std::size_t spooled_ = 0;
  std::size_t copies_ = 0;
};

}  // namespace simulation::intake
