#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "consumer/kafka/request_watch.h"
#include "consumer/lane/committer.h"
#include "tests/simulation/cluster/cluster.h"

namespace simulation {

/// librdkafka's transactional producer on the model: how it repeats requests, and what its calls
/// return (measured, 2.0.2): an EndTxn without an answer is repeated silently, and so is every
/// other request.
class ModelProducer {
 public:
  /// Lifetime: `watch`, which hears of its requests as it does with librdkafka, must outlive it.
  ModelProducer(std::string id, consumer::RequestWatch& watch)
      : id_(std::move(id)), watch_(watch) {}

  common::Result<void> Initialise(common::Deadline deadline);
  common::Result<void> Begin();
  void Queue(Place place, Entry entry, std::size_t position);
  common::Result<void> SendOffsets(const OffsetMap& offsets, const Member& member,
                                   common::Deadline deadline);
  common::Result<void> Flush(common::Deadline deadline);
  common::Result<void> End(bool is_commit, common::Deadline deadline);

  [[nodiscard]] std::vector<std::size_t> Undelivered() const;
  [[nodiscard]] const std::vector<consumer::Refusal>& refusals() const { return refusals_; }

 private:
  struct Queued {
    std::vector<Entry> entries;
    std::vector<std::size_t> positions;
    bool is_delivered = false;
  };

  [[nodiscard]] common::Error Judge(Code code, std::string_view call);
  /// Registers the places with the coordinator, as often as it takes.
  common::Result<void> Add(const std::set<Place>& places, common::Deadline deadline);
  common::Result<void> Deliver(Place place, Queued& queued, common::Deadline deadline);
  template <typename Answer>
  bool Repeats(std::int16_t api_key, const Reply<Answer>& reply);

  std::string id_;
  consumer::RequestWatch& watch_;
  Producer producer_;
  std::map<Place, int> sequences_;
  bool is_fatal_ = false;
  bool must_abort_ = false;
  // Since Begin().
  std::map<Place, Queued> queued_;
  std::set<Place> added_;
  std::vector<consumer::Refusal> refusals_;
};

}  // namespace simulation
