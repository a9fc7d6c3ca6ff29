#include "tests/simulation/ingest/world/judge.h"

#include <algorithm>

#include "ingest/policy/shedding.h"
#include "tests/simulation/ingest/world/process.h"

namespace simulation::intake {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kLongestAnswer{9};
/// A one-shot callback waits so long, as long as the disk may still store it.
constexpr seconds kOneShotsWait{7};
/// While the disk hangs, ingest remembers that it was full.
constexpr seconds kRemembersFull{60};
constexpr int kRoomyQueue = 1'000;
/// After a trouble, so long until all is as before: probes, elections, a spool that is opened anew.
constexpr seconds kKafkaSettles{10};
constexpr seconds kDiskSettles{6};
constexpr seconds kNotReadyFor{10};
constexpr seconds kReadyFor{20};
/// A callback that was accepted before an earlier one of its provider was spooled may be on its
/// way.
constexpr milliseconds kUnderWay{200};
constexpr std::size_t kMostViolations = 8;

std::string HeaderOf(const common::RecordHeaders& headers, std::string_view name) {
  return std::string(common::LastHeader(headers, name).value_or(""));
}

}  // namespace

void Judge::Blame(const std::string& what) {
  if (violations_.size() >= kMostViolations) return;
  const auto at = std::chrono::duration_cast<milliseconds>(runtime_.now().time_since_epoch() -
                                                           std::chrono::hours(1'000));
  violations_.push_back(std::to_string(at.count()) + " ms: " + what);
}

void Judge::Sending(std::uint64_t number, Delivery delivery) {
  ++sent_of_body_[delivery.body];
  deliveries_[number] = std::move(delivery);
}

void Judge::Received(const Host& host, std::uint64_t delivery) {
  Delivery& received = deliveries_.at(delivery);
  received.first_byte = runtime_.now();
  received.process = &Process::Of(host);
}

void Judge::Answered(const Host& host, std::uint64_t delivery, const common::http::Answer& answer) {
  if (host.is_dead) return;
  trace_.Note(runtime_.now(), "answered", static_cast<std::int64_t>(delivery), answer.status);
  const Process& process = Process::Of(host);
  Delivery& of = deliveries_.at(delivery);
  of.is_answered = true;
  const bool was_awake = process.troubles.self < of.first_byte;
  if (was_awake && runtime_.now() - of.first_byte > kLongestAnswer) {
    Blame("delivery " + std::to_string(delivery) + " is answered late");
  }
  if (answer.status != 200) return JudgeRefusal(process, of, answer);
  std::string id;
  for (const auto& [name, value] : answer.fields) {
    if (name == "X-Request-Id") id = value;
  }
  const bool is_durable = IsInKafka(id) || std::ranges::any_of(disks_, [&](const Disk* disk) {
                            return disk->HasSynced(id) || disk->HasRefused(id);
                          });
  if (!is_durable) {
    Blame("delivery " + std::to_string(delivery) + " of " + of.route +
          " is answered 200 before it is durable");
  }
  if (!promised_.emplace(id, delivery).second) Blame("a request id is given twice");
}

void Judge::JudgeRefusal(const Process& process, const Delivery& delivery,
                         const common::http::Answer& answer) {
  const common::ProviderRow& row = providers_[providers_.Resolve(delivery.route)];
  if (row.penalises_statuses && answer.status != 429) {
    Blame(delivery.route + " is answered " + std::to_string(answer.status));
  }
  const bool is_shed = answer.body.find("too busy") != std::string::npos;
  const Time begun = delivery.first_byte;
  if (is_shed) {
    const ingest::LoadBounds share =
        ingest::ShareOf(ingest::CostOfRefusing(row), process.config().load_bounds());
    const ingest::Load load = process.instance()->acceptance().load();
    const bool is_full =
        load.requests >= share.max_requests || load.bytes + delivery.body.size() > share.max_bytes;
    if (!is_full) Blame(delivery.route + " is shed although there is room");
    return;
  }
  if (process.troubles.load + kLongestAnswer >= begun) return;
  const bool may_spool =
      process.config().spool && row.on_unavailable == common::OnUnavailable::kSpool;
  // A process that has just started does not know when the disk became full.
  const bool may_wait = may_spool && !process.is_stopping() && !process.is_disk_full() &&
                        process.config().max_in_flight >= kRoomyQueue &&
                        process.troubles.full + kRemembersFull < begun;
  if (may_wait && runtime_.now() - begun < kOneShotsWait) {
    Blame(delivery.route + " is refused although its sender still waits");
  }
  if (process.troubles.self + kDiskSettles >= begun) return;
  const bool can_kafka =
      process.troubles.kafka + kKafkaSettles < begun && !IsTooLarge(delivery.body.size());
  const bool can_spool = may_spool && process.troubles.disk + kDiskSettles < begun;
  if (can_kafka || can_spool) {
    Blame(delivery.route + " is refused with " + std::to_string(answer.status) + " although " +
          (can_kafka ? "Kafka" : "the spool") + " could take it");
  }
}

void Judge::Dropped(const Host& host, std::uint64_t delivery) {
  const Delivery& of = deliveries_.at(delivery);
  if (host.is_dead || of.comes_in_pieces || of.first_byte == Time()) return;
  if (Process::Of(host).troubles.self + kLongestAnswer >= of.first_byte) return;
  Blame(of.route + " gets no answer from a process that stops in good order");
}

void Judge::Produced(const Host& host, const common::Envelope& envelope) {
  const common::ProviderRow& row = providers_[providers_.Resolve(envelope.provider)];
  Process& process = Process::Of(host);
  if (envelope.spooled || host.is_dead || !process.config().spool ||
      row.on_unavailable != common::OnUnavailable::kSpool) {
    return;
  }
  const Time now = runtime_.now();
  const Process::Troubles& troubles = process.troubles;
  if (troubles.disk + kDiskSettles >= now || troubles.self + kDiskSettles >= now) return;
  if (!process.disk().file) return;
  for (const auto& [sequence, stored] : process.disk().file->visible) {
    const common::Envelope& waiting = stored.callback.envelope;
    if (waiting.provider != envelope.provider || stored.stored_at + kUnderWay >= now) continue;
    if (IsTooLarge(stored.callback.size) || IsInKafka(waiting.request_id)) continue;
    if (IsRefused(waiting.request_id)) continue;
    doubts_.push_back({waiting.request_id, "a callback of " + envelope.provider +
                                               " overtakes an earlier one in the spool"});
    return;
  }
}

void Judge::Written(Place place, const Entry& entry) {
  if (place.topic != Topic::kCallbacks) return;
  const std::string id = HeaderOf(entry.headers, common::header::kRequestId);
  const Record record{.key = entry.key,
                      .value = entry.value,
                      .provider = HeaderOf(entry.headers, common::header::kProvider),
                      .received_at = HeaderOf(entry.headers, common::header::kReceivedAt)};
  trace_.Note(runtime_.now(), "written", place.partition, entry.offset);
  const bool is_spooled = !HeaderOf(entry.headers, common::header::kSpooled).empty();
  if (is_spooled) JudgeOrderOfKey(id);
  spooled_ += is_spooled ? 1 : 0;
  const auto [known, is_new] = records_.emplace(id, record);
  copies_ += is_new ? 0 : 1;
  const Record& first = known->second;
  if (first.key != record.key || first.value != record.value || first.provider != record.provider ||
      first.received_at != record.received_at) {
    Blame("two different records have one request id");
  }
  std::set<std::string>& ids = ids_of_body_[entry.value];
  ids.insert(id);
  const auto sent = sent_of_body_.find(entry.value);
  if (sent == sent_of_body_.end()) {
    Blame("a record was never sent by anybody");
  } else if (ids.size() > sent->second) {
    Blame("a callback has more request ids than deliveries");
  }
}

void Judge::JudgeOrderOfKey(const std::string& id) {
  for (const Disk* disk : disks_) {
    for (const auto& file : disk->LiveFiles()) {
      const auto own = std::ranges::find_if(file->visible, [&](const auto& row) {
        return row.second.callback.envelope.request_id == id;
      });
      if (own == file->visible.end()) continue;
      const std::string& key = own->second.callback.envelope.key;
      for (auto earlier = file->visible.begin(); earlier != own; ++earlier) {
        const common::Envelope& before = earlier->second.callback.envelope;
        // A large one is refused, and no longer waited for, before the file of refused ones has it.
        if (before.key != key || IsTooLarge(before.body.size())) continue;
        if (IsInKafka(before.request_id) || IsRefused(before.request_id)) continue;
        doubts_.push_back({before.request_id, "replay overtakes an earlier callback of its key"});
      }
    }
  }
}

void Judge::Removed(const Host& host, const StoredRow& row) {
  if (host.is_dead) return;
  const std::string& id = row.callback.envelope.request_id;
  if (IsInKafka(id) || IsRefused(id)) return;
  Blame("a callback of " + row.callback.envelope.provider +
        " leaves the spool before Kafka or the file of refused ones has it");
}

bool Judge::IsRefused(const std::string& id) const {
  return std::ranges::any_of(disks_, [&](const Disk* disk) { return disk->HasRefused(id); });
}

void Judge::Look(const Process& process) {
  ingest::Instance* const instance = process.instance();
  if (instance == nullptr || !process.is_alive()) return;
  const ingest::Load load = instance->acceptance().load();
  const ingest::LoadBounds bounds = process.config().load_bounds();
  if (load.requests > bounds.max_requests || load.bytes > bounds.max_bytes) {
    Blame("in flight: " + std::to_string(load.requests) + " requests, " +
          std::to_string(load.bytes) + " bytes");
  }
  if (!process.is_serving() || process.is_stopping() || process.is_frozen()) return;
  const Time now = runtime_.now();
  const Process::Troubles& troubles = process.troubles;
  const Time last = std::max({troubles.kafka, troubles.disk, troubles.self});
  const bool is_ready = instance->readiness().is_ready;
  if (!is_ready && now - last > kNotReadyFor) Blame("not ready although all is well");
  const Time kafka_since = std::min(troubles.kafka_dead_since, troubles.client_dead_since);
  const Time dead_since = std::max(kafka_since, troubles.disk_dead_since);
  if (is_ready && dead_since < now && now - std::max(dead_since, troubles.self) > kReadyFor) {
    Blame("ready although neither Kafka nor the spool takes anything");
  }
}

std::vector<std::string> Judge::Missing() const {
  std::vector<std::string> missing;
  for (const auto& [id, delivery] : promised_) {
    if (IsInKafka(id) || IsRefused(id)) continue;
    // An operator has moved the file away, and has the callback.
    const bool is_orphaned =
        std::ranges::any_of(disks_, [&](const Disk* disk) { return disk->IsOrphaned(id); });
    if (!is_orphaned) missing.push_back(deliveries_.at(delivery).route);
  }
  return missing;
}

std::vector<std::string> Judge::Kept() const {
  std::vector<std::string> kept;
  for (const auto& [id, delivery] : promised_) {
    if (IsInKafka(id)) kept.push_back(id);
  }
  return kept;
}

void Judge::JudgeEnd() {
  for (const std::string& route : Missing()) {
    Blame("a callback of " + route + " was answered 200 and does not reach Kafka");
  }
  for (const auto& [number, delivery] : deliveries_) {
    if (delivery.is_answered || delivery.first_byte == Time() || delivery.comes_in_pieces) continue;
    const Process& process = *delivery.process;
    if (!process.is_alive() || process.troubles.self >= delivery.first_byte) continue;
    if (delivery.first_byte + kLongestAnswer < runtime_.now()) {
      Blame("delivery " + std::to_string(number) + " of " + delivery.route + " gets no answer");
    }
  }
  for (const Doubt& doubt : doubts_) {
    if (!ever_refused_.contains(doubt.earlier)) Blame(doubt.what);
  }
}

}  // namespace simulation::intake
