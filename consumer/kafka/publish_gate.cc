#include "consumer/kafka/publish_gate.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

namespace consumer {
namespace {

using common::Deadline;
using std::chrono::milliseconds;

constexpr milliseconds kLookAgain{10};
constexpr milliseconds kOneLook{3'000};
/// An open transaction of a living instance ends within this time; after it, a letter chooses
/// another partition.
constexpr milliseconds kWaitForPlace{1'000};

/// After this time a new producer ends them: a partition that another instance owns by now is
/// nearly always pending. What was tried is of the batch's own partitions, where a late end is
/// worth waiting for.
constexpr milliseconds kWaitForOffsets{2'000};

constexpr milliseconds kAskSilentAgain{30'000};

Deadline LookUntil(Deadline deadline) {
  return Deadline(std::min(deadline.at(), Deadline::After(kOneLook).at()));
}

/// The partition that our producers' partitioner, murmur2_random, chooses for a key.
Partition PartitionOf(const std::string& key, int partitions) {
  return Partition(rd_kafka_msg_partitioner_murmur2(nullptr, key.data(), key.size(), partitions,
                                                    nullptr, nullptr));
}

bool IsLetter(const OutgoingRecord& record) { return record.topic == OutgoingTopic::kDead; }

}  // namespace

PublishGate::Answer PublishGate::Await(Batch& batch, Deadline deadline,
                                       const std::function<void()>& beat) {
  const auto prepared = reader_.Prepare();
  if (!prepared) return {State::kNobodyAnswers, prepared.error().detail, {}, {}};
  std::vector<Place> places = PlacesOf(batch);
  bool are_letters_placed = std::none_of(batch.records.begin(), batch.records.end(), IsLetter);
  const Deadline elsewhere_at = Deadline::After(kWaitForPlace);
  const Deadline offsets_until = offsets_.is_trial() ? deadline : Deadline::After(kWaitForOffsets);
  while (true) {
    beat();
    reader_.RenewIfSilent();
    for (Place& place : places) Look(place, LookUntil(deadline));
    PassSilent(places, deadline);
    are_letters_placed =
        are_letters_placed || PlaceLetters(batch, elsewhere_at.HasPassed(), LookUntil(deadline));
    const bool is_clean = std::all_of(places.begin(), places.end(),
                                      [](const Place& place) { return place.missing.empty(); });
    const bool are_placed = is_clean && are_letters_placed;
    if (are_placed && AreOffsetsStable(LookUntil(deadline))) return {};
    if (deadline.HasPassed() || (are_placed && offsets_until.HasPassed())) {
      return Refuse(batch, places, are_letters_placed);
    }
    std::this_thread::sleep_for(kLookAgain);
  }
}

std::vector<PublishGate::Place> PublishGate::PlacesOf(const Batch& batch) const {
  Place processes{.topic = settings_.topics.processes, .written = {}, .missing = {}, .open = {}};
  Place seen{.topic = settings_.topics.seen, .written = {}, .missing = {}, .open = {}};
  for (const OutgoingRecord& record : batch.records) {
    if (IsLetter(record) || !record.partition) continue;
    const bool is_marker = record.topic == OutgoingTopic::kSeen;
    (is_marker ? seen : processes).written.insert(*record.partition);
  }
  for (Place* place : {&processes, &seen}) {
    place->missing = place->written;
    for (const PartitionOffset& offset : batch.offsets) {
      const auto silent = silent_.find({place->topic, offset.partition});
      const bool may_ask = silent == silent_.end() || silent->second.HasPassed();
      if (may_ask) place->missing.insert(offset.partition);
    }
  }
  return {std::move(processes), std::move(seen)};
}

void PublishGate::Look(Place& place, Deadline deadline) {
  if (place.missing.empty()) return;
  const OpenPartitions found =
      reader_->LookForOpen(place.topic, {place.missing.begin(), place.missing.end()}, deadline);
  place.is_answered = place.is_answered || !found.clean.empty() || !found.open.empty();
  for (const Partition partition : found.clean) {
    place.missing.erase(partition);
    place.open.erase(partition);
    silent_.erase({place.topic, partition});
  }
  // A look that gets no answer, as the last one before the deadline, takes nothing back.
  for (const auto& [partition, at] : found.open) {
    place.open[partition] = at;
    silent_.erase({place.topic, partition});
  }
}

// A partition that does not answer, and to which the batch writes nothing, holds up the others once
// until the deadline, and after that for one look now and then.
void PublishGate::PassSilent(std::vector<Place>& places, Deadline deadline) {
  const auto is_passed = [&](const Place& place, Partition partition) {
    if (place.written.contains(partition) || place.open.contains(partition)) return false;
    return deadline.HasPassed() || silent_.contains({place.topic, partition});
  };
  const bool is_any_answered = std::any_of(places.begin(), places.end(),
                                           [](const Place& place) { return place.is_answered; });
  for (Place& place : places) {
    std::vector<Partition> passed;
    std::copy_if(place.missing.begin(), place.missing.end(), std::back_inserter(passed),
                 [&](Partition partition) { return is_passed(place, partition); });
    if (passed.empty()) continue;
    // While no broker answers at all, nothing is known of the partition.
    if (!is_any_answered &&
        !reader_->PartitionsOf(settings_.topics.callbacks, Deadline::After(kOneLook))) {
      return;
    }
    for (const Partition partition : passed) {
      place.missing.erase(partition);
      silent_.insert_or_assign({place.topic, partition}, Deadline::After(kAskSilentAgain));
    }
  }
}

bool PublishGate::PlaceLetters(Batch& batch, bool may_go_elsewhere, Deadline deadline) {
  const std::optional<int> partitions = dead_partitions_.Ask(*reader_, deadline);
  if (!partitions) return false;
  const OpenPartitions found =
      reader_->LookForOpen(settings_.topics.dead, common::AllPartitions(*partitions), deadline);
  dead_partitions_.Saw(found);
  const std::vector<Partition>& clean = found.clean;
  if (clean.empty()) return false;
  for (OutgoingRecord& record : batch.records) {
    if (!IsLetter(record)) continue;
    Partition place = PartitionOf(record.key, *partitions);
    if (std::find(clean.begin(), clean.end(), place) == clean.end()) {
      if (!may_go_elsewhere) return false;
      place = clean[PartitionOf(record.key, static_cast<int>(clean.size())).index()];
    }
    record.partition = place;
  }
  return true;
}

bool PublishGate::AreOffsetsStable(Deadline deadline) {
  const std::set<Partition>& awaited = offsets_.awaited();
  if (awaited.empty()) return true;
  const CommittedOffsets stable =
      reader_->Committed({awaited.begin(), awaited.end()}, LogReader::Stability::kStable, deadline);
  for (const auto& [partition, offset] : stable) offsets_.SawStable(partition);
  return awaited.empty();
}

// A partition that does not answer holds up no other one: its records are reported separately. Open
// transactions are judged first, because they may contain offsets on which the batch is based.
PublishGate::Answer PublishGate::Refuse(const Batch& batch, const std::vector<Place>& places,
                                        bool are_letters_placed) {
  std::string open;
  std::string silent;
  std::set<Partition> open_on;
  const auto add = [](std::string& list, const std::string& what) {
    list += (list.empty() ? "" : ", ") + what;
  };
  std::set<std::pair<std::string, Partition>> unavailable;
  bool is_answered = false;
  for (const Place& place : places) {
    is_answered = is_answered || place.is_answered;
    for (const Partition partition : place.missing) {
      const std::string name = place.topic + "[" + ToText(partition) + "]";
      if (const auto at = place.open.find(partition); at != place.open.end()) {
        open_on.insert(partition);
        add(open, name + " has a transaction open at offset " + ToText(at->second));
      } else {
        unavailable.emplace(place.topic, partition);
        add(silent, name + " does not answer");
      }
    }
  }
  if (!open.empty()) return {State::kNotClean, open, open_on, {}};
  if (unavailable.empty() && are_letters_placed) {
    return {State::kOffsetsPending,
            "offsets of an aborted transaction are pending",
            offsets_.is_trial() ? offsets_.awaited() : std::set<Partition>(),
            {}};
  }
  if (!are_letters_placed) add(silent, "no partition of " + settings_.topics.dead + " is clean");
  if (!is_answered &&
      !reader_->PartitionsOf(settings_.topics.callbacks, Deadline::After(kOneLook))) {
    return {State::kNobodyAnswers, silent, {}, {}};
  }
  Answer answer{State::kUnavailable, silent, {}, {}};
  for (std::size_t position = 0; position < batch.records.size(); ++position) {
    const OutgoingRecord& record = batch.records[position];
    const bool is_marker = record.topic == OutgoingTopic::kSeen;
    const std::string& topic = is_marker ? settings_.topics.seen : settings_.topics.processes;
    const bool is_unavailable =
        record.partition && unavailable.contains({topic, *record.partition});
    const bool has_place = IsLetter(record) ? are_letters_placed : !is_unavailable;
    if (!has_place) answer.refusals.push_back({position, RefusalReason::kUnavailable});
  }
  return answer;
}

}  // namespace consumer
