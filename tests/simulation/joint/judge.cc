#include "tests/simulation/joint/judge.h"

#include "common/domain/reconciled.h"
#include "common/domain/record_headers.h"
#include "common/domain/topics.h"

namespace simulation::joint {
namespace {

namespace header = common::header;

std::string HeaderOf(const Entry& entry, std::string_view name) {
  return std::string(common::LastHeader(entry.headers, name).value_or(""));
}

std::string Member(const std::string& name, const std::string& value) {
  return "\"" + name + "\":\"" + value + "\"";
}

}  // namespace

void Judge::Attach(simulation::Judge& consumers, intake::Judge& ingest,
                   const intake::Senders& senders) {
  consumers_ = &consumers;
  ingest_ = &ingest;
  senders_ = &senders;
  consumers.fact_of = [this](const Entry& entry) { return FactOf(entry); };
}

// Results do not say that their callback was put back, but where it stands. One without callback is
// of a process that was announced.
std::string Judge::FactOf(const Entry& entry) const {
  const Delivery* const delivery = Find(entry);
  const bool is_reconciled =
      common::LastHeader(entry.headers, common::kReconciledHeader).has_value();
  if (delivery == nullptr) return is_reconciled ? entry.key : std::string();
  const bool is_letter = common::LastHeader(entry.headers, header::kDeadPartition).has_value();
  const Place place{is_letter ? Topic::kDead : Topic::kProcesses, 0};
  const auto there = put_back_.find(simulation::Judge::SourceOf(place, entry));
  if (there == put_back_.end()) return delivery->fact;
  const auto found = there->second.find(HeaderOf(entry, header::kRequestId));
  return found == there->second.end() ? delivery->fact : found->second.fact;
}

const Judge::Delivery* Judge::Find(const Entry& entry) const {
  const auto found = deliveries_.find(HeaderOf(entry, header::kRequestId));
  return found == deliveries_.end() ? nullptr : &found->second;
}

void Judge::Written(Place place, const Entry& entry) {
  if (place.topic != Topic::kCallbacks) return consumers_->Written(place, entry);
  const std::string redrive = HeaderOf(entry, header::kRedrive);
  const std::string id = HeaderOf(entry, header::kRequestId);
  if (!redrive.empty() && deliveries_.contains(id)) {
    const std::string& before = deliveries_.at(id).fact;
    const bool is_of_letter = redrive.starts_with(common::TopicNames().dead);
    put_back_[{place.partition, entry.offset}][id] = {.fact = before + "@" + redrive,
                                                      .instead_of = is_of_letter ? "" : before};
    return consumers_->Arrived(place.partition, entry.offset, before + "@" + redrive);
  }
  const auto there = put_back_.find({place.partition, entry.offset});
  if (there != put_back_.end()) there->second.erase(id);
  ingest_->Written(place, entry);
  const intake::Senders::Reported* const reported = senders_->FindReported(entry.value);
  if (reported == nullptr) return;  // ingest's judge has said so.
  const Delivery& delivery =
      deliveries_
          .try_emplace(id, Delivery{.fact = "f" + std::to_string(reported->fact),
                                    .received_at = HeaderOf(entry, header::kReceivedAt),
                                    .reported = *reported})
          .first->second;
  consumers_->Arrived(place.partition, entry.offset, delivery.fact);
}

void Judge::Ended(Place place, const Entry& entry) {
  consumers_->Ended(place, entry);
  if (place.topic == Topic::kProcesses && entry.fate == Fate::kCommitted) JudgeResult(entry);
}

void Judge::Decided(std::uint64_t transaction, bool is_commit) {
  consumers_->Decided(transaction, is_commit);
}

void Judge::OffsetCommitted(int partition, const Committed& committed) {
  consumers_->OffsetCommitted(partition, committed);
}

void Judge::JudgeResult(const Entry& entry) {
  const Delivery* const delivery = Find(entry);
  if (delivery == nullptr) return;  // "a record of no callback"
  const intake::Senders::Reported& reported = delivery->reported;
  for (const std::string& member :
       {Member("provider", reported.route), Member("processId", reported.process),
        Member("status", reported.status), Member("receivedAt", delivery->received_at)}) {
    if (entry.value.find(member) == std::string::npos) {
      consumers_->Blame("the result of " + delivery->fact + " lacks " + member);
    }
  }
}

void Judge::JudgeEnd() {
  JudgePutBack();
  for (const std::string& id : ingest_->Kept()) {
    const auto found = deliveries_.find(id);
    if (found == deliveries_.end()) continue;
    const std::string& fact = found->second.fact;
    if (consumers_->DisposalsOf(fact) == 1 || consumers_->IsLost(fact)) continue;
    consumers_->Blame("a callback of " + found->second.reported.route + " was answered 200, and " +
                      fact + " has " + std::to_string(consumers_->DisposalsOf(fact)) + " results");
  }
}

void Judge::JudgePutBack() {
  for (const auto& [place, those] : put_back_) {
    for (const auto& [id, one] : those) {
      if (one.instead_of.empty()) continue;
      const int outcomes =
          consumers_->DisposalsOf(one.fact) + consumers_->DisposalsOf(one.instead_of);
      if (outcomes > 1) {
        consumers_->Blame("an audit puts back " + one.fact + ", which has an outcome");
      }
    }
  }
}

std::vector<std::string> Judge::violations() const {
  std::vector<std::string> all = consumers_->violations();
  for (const std::string& one : ingest_->violations()) all.push_back("ingest: " + one);
  return all;
}

}  // namespace simulation::joint
