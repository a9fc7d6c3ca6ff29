// The brokers' handling of each request.
#include <algorithm>
#include <utility>

#include "tests/simulation/cluster/cluster.h"

namespace simulation {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kOneRequest{1'000};
constexpr milliseconds kAskAgain{50};
/// As Kafka 4 has it.
constexpr std::chrono::hours kMostAhead{1};

}  // namespace

std::map<int, Offset> Cluster::LookUp(Topic topic, const std::vector<int>& partitions, Query query,
                                      Time until) {
  std::map<int, Offset> found;
  std::map<int, std::vector<int>> by_leader;
  for (const int partition : partitions) {
    by_leader[network_.LeaderOf({topic, partition})].push_back(partition);
  }
  for (const auto& [leader, asked] : by_leader) {
    if (runtime_.now() >= until) break;
    const auto reply = network_.Call<Offsets>(
        "ListOffsets", {topic, asked.front()}, std::min(until - runtime_.now(), Span(kOneRequest)),
        [this, topic, asked = asked, query](const Network::Respond<Offsets>& respond) {
          Offsets answer;
          for (const int partition : asked) {
            const PartitionLog& log = LogOf({topic, partition});
            answer.offsets[partition] = query == Query::kBegin ? log.begin()
                                        : query == Query::kEnd ? log.end()
                                                               : log.stable_end();
          }
          respond(answer);
        });
    if (reply.is_good()) found.insert(reply.answer.offsets.begin(), reply.answer.offsets.end());
  }
  return found;
}

std::map<int, Offset> Cluster::LookUpTimes(Topic topic, const std::map<int, WallTime>& times,
                                           Time until) {
  std::map<int, Offset> found;
  for (const auto& [partition, time] : times) {
    if (runtime_.now() >= until) break;
    const Place place{topic, partition};
    const auto reply = network_.Call<Offsets>(
        "OffsetsForTimes", place, std::min(until - runtime_.now(), Span(kOneRequest)),
        [this, place, time = time](const Network::Respond<Offsets>& respond) {
          respond({Code::kNone, {{place.partition, LogOf(place).FirstAt(time)}}});
        });
    if (reply.is_good()) found.insert(reply.answer.offsets.begin(), reply.answer.offsets.end());
  }
  return found;
}

Reply<Cluster::Records> Cluster::Fetch(Place place, Offset from, bool is_committed_only,
                                       std::size_t most, Span timeout) {
  return network_.Call<Records>(
      "Fetch", place, timeout,
      [this, place, from, is_committed_only, most](const Network::Respond<Records>& respond) {
        const PartitionLog& log = LogOf(place);
        Records records;
        records.begin = log.begin();
        records.bound = is_committed_only ? log.stable_end() : log.end();
        records.is_out = from < log.begin() || from > log.end();
        records.next = from;
        records.cuts = log.cuts();
        while (!records.is_out && records.next < records.bound && records.entries.size() < most) {
          const Entry& entry = log.At(records.next++);
          const bool is_visible = !is_committed_only || entry.fate == Fate::kCommitted;
          if (!entry.is_control && is_visible) records.entries.push_back(entry);
        }
        respond(std::move(records));
      });
}

// Markers bring their own time; the other topics take the leader's.
Code Cluster::Validate(Place place, const std::vector<Entry>& batch) const {
  std::size_t bytes = 0;
  for (const Entry& entry : batch) {
    bytes += entry.value.size();
    const bool is_ahead = entry.time > WallOf(place) + kMostAhead;
    if (place.topic == Topic::kSeen && is_ahead) return Code::kInvalidTimestamp;
  }
  return bytes > settings_.max_request_bytes ? Code::kRecordTooLarge : Code::kNone;
}

Reply<Cluster::Produced> Cluster::Produce(Place place, Producer producer, int sequence,
                                          const std::vector<Entry>& batch, Span timeout) {
  return network_.Call<Produced>(
      "Produce", place, timeout,
      [this, place, producer, sequence, batch](const Network::Respond<Produced>& respond) {
        PartitionLog& log = LogOf(place);
        const Offset before = log.end();
        if (const Code refused = Validate(place, batch); refused != Code::kNone) {
          return respond({refused});
        }
        if (!log.IsOpen(producer.id) && transactions_.Verify(producer, place) == 0) {
          return respond({Code::kInvalidTransactionState});
        }
        const std::uint64_t number = transactions_.Current(producer.id);
        std::vector<Entry> entries = batch;
        for (Entry& entry : entries) {
          entry.transaction = number;
          if (place.topic != Topic::kSeen) entry.time = WallOf(place);
        }
        const Code code = log.AppendTransactional(producer, sequence, std::move(entries));
        for (Offset at = before; at < log.end(); ++at) watch_.Written(place, log.At(at));
        respond({code});
      });
}

Reply<Cluster::Produced> Cluster::ProducePlain(Place place, const std::vector<Entry>& batch,
                                               Span timeout) {
  return network_.Call<Produced>("Produce plain", place, timeout,
                                 [this, place, batch](const Network::Respond<Produced>& respond) {
                                   std::size_t bytes = 0;
                                   for (const Entry& entry : batch)
                                     bytes += entry.key.size() + entry.value.size();
                                   const std::size_t most = settings_.max_callback_bytes;
                                   if (most > 0 && bytes > most)
                                     return respond({Code::kRecordTooLarge});
                                   if (short_of_replicas_.contains(place.partition)) {
                                     return respond({Code::kNotEnoughReplicas});
                                   }
                                   PartitionLog& log = LogOf(place);
                                   for (Entry entry : batch) {
                                     entry.time = WallOf(place);
                                     log.Append(std::move(entry));
                                     watch_.Written(place, log.At(log.end() - 1));
                                   }
                                   respond({});
                                 });
}

Reply<Cluster::Produced> Cluster::ProduceOnce(Place place, std::uint64_t number, const Entry& entry,
                                              Span timeout) {
  return network_.Call<Produced>(
      "Produce once", place, timeout,
      [this, place, number, entry](const Network::Respond<Produced>& respond) {
        if (produced_.contains(number)) return respond({});
        const std::size_t most = settings_.max_callback_bytes;
        const bool is_callback = place.topic == Topic::kCallbacks;
        if (is_callback && most > 0 && entry.key.size() + entry.value.size() > most) {
          return respond({Code::kRecordTooLarge});
        }
        if (is_callback && short_of_replicas_.contains(place.partition)) {
          return respond({Code::kNotEnoughReplicas});
        }
        produced_.insert(number);
        Entry record = entry;
        if (record.time == WallTime()) record.time = WallOf(place);
        PartitionLog& log = LogOf(place);
        log.Append(std::move(record));
        watch_.Written(place, log.At(log.end() - 1));
        respond({});
      });
}

Reply<Cluster::Leaders> Cluster::FindLeaders(Topic topic, int broker, Span timeout) {
  return network_.Call<Leaders>(
      "Metadata", PlaceOfBroker(broker), timeout,
      [this, topic](const Network::Respond<Leaders>& respond) {
        Leaders leaders{.code = Code::kNone, .partitions = PartitionsOf(topic), .without = {}};
        for (int partition = 0; partition < leaders.partitions; ++partition) {
          const int leader = network_.LeaderOf({topic, partition});
          if (leader < 0 || !network_.IsUp(leader)) leaders.without.insert(partition);
        }
        respond(std::move(leaders));
      });
}

Reply<Transactions::Initialised> Cluster::InitProducer(const std::string& id, Span age,
                                                       Span timeout) {
  return network_.Call<Transactions::Initialised>(
      "InitProducerId", kTransactionCoordinator, timeout,
      [this, id, age](const Network::Respond<Transactions::Initialised>& respond) {
        respond(transactions_.Initialise(id, age));
      });
}

Reply<Status> Cluster::AddPartitions(const std::string& id, Producer producer,
                                     const std::set<Place>& places, Span timeout) {
  return network_.Call<Status>(
      "AddPartitionsToTxn", kTransactionCoordinator, timeout,
      [this, id, producer, places](const Network::Respond<Status>& respond) {
        respond({transactions_.Add(id, producer, places)});
      });
}

Reply<Status> Cluster::EndTransaction(const std::string& id, Producer producer, bool is_commit,
                                      Span timeout) {
  return network_.Call<Status>(
      is_commit ? "EndTxn commit" : "EndTxn abort", kTransactionCoordinator, timeout,
      [this, id, producer, is_commit](const Network::Respond<Status>& respond) {
        respond({transactions_.End(id, producer, is_commit)});
      });
}

Reply<Status> Cluster::CommitOffsets(Producer producer, const Member& member,
                                     const OffsetMap& offsets, Span timeout) {
  return network_.Call<Status>(
      "TxnOffsetCommit", kGroupCoordinator, timeout,
      [this, producer, member, offsets](const Network::Respond<Status>& respond) {
        for (const auto& [partition, committed] : offsets) {
          trace_.Note(runtime_.now(),
                      "offset of producer " + std::to_string(producer.id) + " by " + member.id +
                          " of generation " + std::to_string(member.generation),
                      partition, committed.offset);
        }
        if (transactions_.Verify(producer, kGroupCoordinator) == 0) {
          return respond({Code::kInvalidTransactionState});
        }
        respond({group_.CommitOffsets(producer.id, member, offsets)});
      });
}

Reply<Group::Fetched> Cluster::FetchOffsets(const std::vector<int>& partitions, bool must_be_stable,
                                            Span timeout) {
  const Time until = runtime_.now() + timeout;
  while (true) {
    auto reply = network_.Call<Group::Fetched>(
        "OffsetFetch", kGroupCoordinator, until - runtime_.now(),
        [this, partitions, must_be_stable](const Network::Respond<Group::Fetched>& respond) {
          respond(group_.FetchOffsets(partitions, must_be_stable));
        });
    if (reply.is_good() || runtime_.now() + kAskAgain >= until) return reply;
    runtime_.Sleep(kAskAgain);
  }
}

Reply<Group::Joined> Cluster::Join(const Member& member, Span timeout) {
  return network_.Call<Group::Joined>(
      "JoinGroup", kGroupCoordinator, timeout,
      [this, member](const Network::Respond<Group::Joined>& respond) {
        trace_.Note(runtime_.now(), "join of " + member.instance + " as " + member.id,
                    group_.generation());
        group_.Join(member, respond);
      });
}

Reply<Group::Synced> Cluster::Sync(const Member& member, Span timeout) {
  return network_.Call<Group::Synced>(
      "SyncGroup", kGroupCoordinator, timeout,
      [this, member](const Network::Respond<Group::Synced>& respond) {
        trace_.Note(runtime_.now(), "sync of " + member.id, member.generation, group_.generation());
        group_.Sync(member, respond);
      });
}

Reply<Status> Cluster::Heartbeat(const Member& member, Span timeout) {
  return network_.Call<Status>("Heartbeat", kGroupCoordinator, timeout,
                               [this, member](const Network::Respond<Status>& respond) {
                                 respond({group_.Heartbeat(member)});
                               });
}

Reply<Group::Described> Cluster::Describe(Span timeout) {
  return network_.Call<Group::Described>(
      "DescribeGroups", kGroupCoordinator, timeout,
      [this](const Network::Respond<Group::Described>& respond) { respond(group_.Describe()); });
}

Reply<Status> Cluster::CommitPlainOffsets(const OffsetMap& offsets, Span timeout) {
  return network_.Call<Status>("OffsetCommit", kGroupCoordinator, timeout,
                               [this, offsets](const Network::Respond<Status>& respond) {
                                 respond({group_.CommitPlainOffsets(offsets)});
                               });
}

Reply<Status> Cluster::Grow(Topic topic, int partitions, int broker, Span timeout) {
  return network_.Call<Status>("CreatePartitions", PlaceOfBroker(broker), timeout,
                               [this, topic, partitions](const Network::Respond<Status>& respond) {
                                 if (partitions <= PartitionsOf(topic)) {
                                   return respond({Code::kInvalidPartitions});
                                 }
                                 AddPlaces(topic, partitions);
                                 respond({});
                               });
}

}  // namespace simulation
