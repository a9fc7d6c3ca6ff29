#include "tests/simulation/cluster/transactions.h"

#include <algorithm>

namespace simulation {

using std::chrono::milliseconds;
using std::chrono::seconds;

Transactions::Transaction* Transactions::Find(const std::string& id) {
  const auto found = transactions_.find(id);
  return found == transactions_.end() ? nullptr : &found->second;
}

Transactions::Initialised Transactions::Initialise(const std::string& id, Span timeout) {
  Transaction& transaction = transactions_[id];
  if (transaction.state == State::kPrepare) return {Code::kConcurrentTransactions, {}};
  if (transaction.state == State::kOngoing) {
    ++transaction.producer.epoch;
    Decide(transaction, false);
    return {Code::kConcurrentTransactions, {}};
  }
  if (transaction.producer.id < 0) transaction.producer.id = ++last_id_;
  ++transaction.producer.epoch;
  transaction.state = State::kEmpty;
  transaction.timeout = timeout;
  return {Code::kNone, transaction.producer};
}

Code Transactions::Check(const Transaction* transaction, Producer producer) const {
  if (transaction == nullptr || transaction->producer.id != producer.id) {
    return Code::kInvalidTransactionState;
  }
  return transaction->producer.epoch == producer.epoch ? Code::kNone : Code::kProducerFenced;
}

Code Transactions::Add(const std::string& id, Producer producer, const std::set<Place>& places) {
  Transaction* const transaction = Find(id);
  if (const Code code = Check(transaction, producer); code != Code::kNone) return code;
  if (transaction->state == State::kPrepare) return Code::kConcurrentTransactions;
  if (transaction->state != State::kOngoing) {
    transaction->state = State::kOngoing;
    transaction->places.clear();
    transaction->number = ++last_number_;
    transaction->begun_at = runtime_.now();
  }
  transaction->places.insert(places.begin(), places.end());
  return Code::kNone;
}

Code Transactions::End(const std::string& id, Producer producer, bool is_commit) {
  Transaction* const transaction = Find(id);
  if (const Code code = Check(transaction, producer); code != Code::kNone) return code;
  switch (transaction->state) {
    case State::kOngoing:
      Decide(*transaction, is_commit);
      return Code::kNone;
    case State::kPrepare:
      return transaction->is_commit == is_commit ? Code::kConcurrentTransactions
                                                 : Code::kInvalidTransactionState;
    case State::kComplete:
      return transaction->is_commit == is_commit ? Code::kNone : Code::kInvalidTransactionState;
    case State::kEmpty:
      return Code::kInvalidTransactionState;
  }
  return Code::kNone;
}

void Transactions::Decide(Transaction& transaction, bool is_commit) {
  transaction.state = State::kPrepare;
  transaction.is_commit = is_commit;
  watch_.Decided(transaction.number, is_commit);
  const auto entry = std::find_if(transactions_.begin(), transactions_.end(),
                                  [&](const auto& one) { return &one.second == &transaction; });
  if (transaction.places.empty()) {
    transaction.state = State::kComplete;
    return;
  }
  const Forgetting forgetting = TakeForgetting(is_commit);
  for (const Place place : std::set<Place>(transaction.places)) {
    const bool is_spared = forgetting.is_even_only && place.partition % 2 != 0;
    if (forgetting.topics.contains(place.topic) && !is_spared) {
      Forget(entry->first, place, transaction.producer);
    } else {
      SendMarker(entry->first, place, transaction.producer, is_commit, 0);
    }
  }
}

Forgetting Transactions::TakeForgetting(bool is_commit) {
  const auto found = std::ranges::find_if(faults.next, [&](const Forgetting& one) {
    return one.is_commit.value_or(is_commit) == is_commit;
  });
  if (found == faults.next.end()) return {};
  Forgetting taken = std::move(*found);
  faults.next.erase(found);
  return taken;
}

void Transactions::Forget(const std::string& id, Place place, Producer producer) {
  ++forgotten_;
  trace_.Note(runtime_.now(), "marker forgotten",
              static_cast<int>(place.topic) * 100 + place.partition, producer.id);
  Written(id, place);
}

void Transactions::SendMarker(const std::string& id, Place place, Producer producer, bool is_commit,
                              int tries) {
  const Span delay = tries > 0 ? Span(milliseconds(300))
                     : random_.Chance(faults.slow)
                         ? Span(random_.Between(milliseconds(1), seconds(5)))
                         : Span(random_.Between(milliseconds(1), milliseconds(15)));
  network_.Between(place, delay, [=, this](bool is_delivered) {
    if (is_delivered && write_(place, producer, is_commit)) {
      Written(id, place);
    } else if (random_.Chance(faults.forget)) {
      Forget(id, place, producer);
    } else {
      SendMarker(id, place, producer, is_commit, tries + 1);
    }
  });
}

void Transactions::Written(const std::string& id, Place place) {
  Transaction& transaction = *Find(id);
  transaction.places.erase(place);
  if (transaction.places.empty()) transaction.state = State::kComplete;
}

void Transactions::Expire() {
  for (auto& [id, transaction] : transactions_) {
    if (transaction.state != State::kOngoing) continue;
    if (runtime_.now() - transaction.begun_at < transaction.timeout) continue;
    ++transaction.producer.epoch;
    Decide(transaction, false);
  }
}

std::uint64_t Transactions::Verify(Producer producer, Place place) const {
  for (const auto& [id, transaction] : transactions_) {
    if (transaction.producer.id != producer.id) continue;
    const bool is_open = transaction.state == State::kOngoing &&
                         transaction.producer.epoch == producer.epoch &&
                         transaction.places.contains(place);
    return is_open ? transaction.number : 0;
  }
  return 0;
}

std::uint64_t Transactions::Current(ProducerId id) const {
  for (const auto& [name, transaction] : transactions_) {
    if (transaction.producer.id == id) return transaction.number;
  }
  return 0;
}

bool Transactions::IsQuiet() const {
  return std::none_of(transactions_.begin(), transactions_.end(), [](const auto& one) {
    return one.second.state == State::kOngoing || one.second.state == State::kPrepare;
  });
}

}  // namespace simulation
