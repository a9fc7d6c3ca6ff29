#pragma once

#include <cstddef>

namespace consumer {

/// How much of a lane's room the callbacks of one account may take. All accounts together never
/// reach the bound at which the lane takes nothing in, so none holds up another one. Pure.
///
///   one account            no share: the lane's own bounds hold it
///   share is reached       its next callbacks are passed over: they stay in Kafka
///   half of it is free     they are read again
class AccountShares {
 public:
  struct Room {
    std::size_t callbacks = 0;
    std::size_t bytes = 0;
  };

  AccountShares(Room lane, std::size_t accounts)
      : is_shared_(accounts > 1),
        share_{ShareOf(lane.callbacks, accounts), ShareOf(lane.bytes, accounts)} {}

  [[nodiscard]] bool IsFull(const Room& taken) const {
    return is_shared_ && (taken.callbacks >= share_.callbacks || taken.bytes >= share_.bytes);
  }
  [[nodiscard]] bool HasRoomAgain(const Room& taken) const {
    return taken.callbacks <= share_.callbacks / 2 && taken.bytes <= share_.bytes / 2;
  }

 private:
  /// Three quarters of the lane's room, divided. At a bound intake resumes at three quarters.
  static std::size_t ShareOf(std::size_t room, std::size_t accounts) {
    const std::size_t share = room / 4 * 3 / accounts;
    return share > 0 ? share : 1;
  }

  bool is_shared_;
  Room share_;
};

}  // namespace consumer
