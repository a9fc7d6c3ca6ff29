#include "common/http/connection_table.h"

#include <utility>

namespace common::http {
namespace {

constexpr int kSlotBits = 22;

}  // namespace

Connection& ConnectionTable::Add(std::uint64_t serial, Fd socket, Seat seat,
                                 WorkerContext& context) {
  if (free_.empty()) {
    free_.reserve(slots_.capacity() + 1);  // So that Remove() never needs memory.
    slots_.emplace_back();
    free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
  }
  const std::uint32_t slot = free_.back();
  slots_[slot] = std::make_unique<Connection>(serial << kSlotBits | slot, std::move(socket),
                                              std::move(seat), context);
  free_.pop_back();
  return *slots_[slot];
}

Connection* ConnectionTable::Find(std::uint64_t id) const {
  const std::uint64_t slot = id & kMaxTag;
  if (slot >= slots_.size() || !slots_[slot] || slots_[slot]->id() != id) return nullptr;
  return slots_[slot].get();
}

bool ConnectionTable::Remove(std::uint64_t id) {
  if (Find(id) == nullptr) return false;
  const auto slot = static_cast<std::uint32_t>(id & kMaxTag);
  slots_[slot].reset();
  free_.push_back(slot);
  return true;
}

}  // namespace common::http
