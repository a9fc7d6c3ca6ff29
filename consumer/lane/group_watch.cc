#include "consumer/lane/group_watch.h"

namespace consumer {
namespace {

constexpr std::string_view kFenced = "fenced";

}  // namespace

void GroupWatch::Assigned() {
  is_in_group_ = true;
  producer_fencing_.Rebalanced();
}

void GroupWatch::Revoked() {
  is_in_group_ = false;
  producer_fencing_.Rebalanced();
}

void GroupWatch::LookAt(const TopicView& view, bool has_partitions) {
  if (view.change != change_) {
    change_ = view.change;
    events_.PartitionsChanged(change_);
  }
  if (view.looks == looks_) return;
  looks_ = view.looks;
  const UnreadPartitions unread = view.unread.value_or(UnreadPartitions());
  const bool is_idle = is_in_group_ && !has_partitions && unread.count > 0;
  idle_looks_ = is_idle && unread.is_ours_to_heal && !change_ ? idle_looks_ + 1 : 0;
  const bool is_told = unread.is_ours_to_tell || unread.is_ours_to_heal;
  const std::size_t to_tell = is_told ? unread.count : 0;
  if (to_tell > 0 && to_tell != told_unread_) events_.PartitionsUnread(to_tell);
  told_unread_ = to_tell;
}

// The client library can fail to join, or to fetch a partition, for the rest of its life.
std::optional<GroupWatch::Renewal> GroupWatch::FindStuck(bool does_not_read, TimePoint now) {
  if (is_in_group_) {
    out_of_group_since_.reset();
  } else if (!out_of_group_since_) {
    out_of_group_since_ = now;
  }
  const bool has_not_joined = out_of_group_since_ && now - *out_of_group_since_ >= join_within_;
  // One look may be older than the assignment; two in a row are not.
  const bool is_left_out = idle_looks_ >= 2;
  if (!has_not_joined && !does_not_read && !is_left_out) return std::nullopt;
  out_of_group_since_ = now;
  idle_looks_ = 0;
  // Under its old name the member would get its old assignment, which is empty.
  if (is_left_out) return Renewal{"partitions have no reader", Source::MemberName::kFresh};
  return Renewal{does_not_read ? "a partition delivers no records"
                               : "the group assigns no partitions"};
}

// A member that may be alone with its name joins again. If it is not alone, the two fence each
// other until one of them ends.
std::optional<GroupWatch::Renewal> GroupWatch::SourceFailed(const common::Error& failure,
                                                            FencingDoubt doubt, TimePoint now) {
  if (failure.code != kFenced || failure_) return std::nullopt;
  if (doubt == FencingDoubt::kLateJoin) return Renewal{"its own late join has fenced it"};
  if (doubt == FencingDoubt::kForgottenJoin && !member_fencing_.Fenced(now)) {
    return Renewal{"the coordinator has forgotten its join"};
  }
  failure_ = common::Error{common::Remedy::kStop, kFenced,
                           "another instance of the group has the same name: give each instance "
                           "its own `instance` (" +
                               failure.detail + ")"};
  return std::nullopt;
}

void GroupWatch::ProducerFenced(TimePoint now) {
  if (!producer_fencing_.Fenced(now)) return;
  failure_ = common::Error{common::Remedy::kStop, kFenced,
                           "another program uses the same transactional.id, although the group "
                           "has moved no partition: give each instance its own `instance`"};
}

}  // namespace consumer
