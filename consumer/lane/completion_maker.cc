#include "consumer/lane/completion_maker.h"

#include <utility>
#include <variant>

#include "common/callback/callback_facts.h"
#include "common/domain/key_partition.h"
#include "consumer/fetch/published_form.h"
#include "consumer/lane/outgoing_records.h"

namespace consumer {
namespace {

using common::MarkerOutcome;

/// Of a callback whose process was not asked for. `record`: empty if it has none.
Completion CompletionOf(JobId id, const PendingCallback& callback, MarkerOutcome outcome,
                        OutgoingRecord record) {
  Completion completion{.id = id,
                        .partition = callback.record.partition,
                        .offset = callback.record.offset,
                        .identity = callback.facts.identity,
                        .event = callback.facts.event_identity,
                        .marked_at = callback.marked_at,
                        .key_hash = common::Murmur2(callback.record.key),
                        .outcome = outcome,
                        .is_fetched = callback.facts.handling != common::Handling::kPublish,
                        .record = std::move(record)};
  if (callback.no_row) completion.more.push_back(*callback.no_row);
  return completion;
}

}  // namespace

CompletionMaker::CompletionMaker(Settings settings, LaneEvents& events,
                                 std::function<common::WallTime()> wall_now)
    : settings_(std::move(settings)), events_(events), wall_now_(std::move(wall_now)) {}

std::optional<Completion> CompletionMaker::ByFacts(JobId id,
                                                   const PendingCallback& callback) const {
  using common::Handling;
  switch (callback.facts.handling) {
    case Handling::kFetch:
      break;
    case Handling::kPublish:
      return CompletionOf(
          id, callback, MarkerOutcome::kPublished,
          ResultOf(callback, PublishedEvent(settings_.publish, callback.record.value)));
    case Handling::kIgnore:
      return CompletionOf(id, callback, MarkerOutcome::kIgnored, {});
    case Handling::kReject:
      return CompletionOf(id, callback, MarkerOutcome::kDead,
                          Letter(callback, {}, {common::DeadReason::kMalformed, 0, {}}));
  }
  return std::nullopt;
}

Completion CompletionMaker::ByFetch(const PendingCallback& callback, FetchResult result) const {
  const auto* fetched = std::get_if<Fetched>(&result.outcome);
  Completion completion =
      fetched != nullptr ? CompletionOf(result.id, callback, MarkerOutcome::kPublished,
                                        ResultOf(callback, *fetched, result.effort))
                         : CompletionOf(result.id, callback, MarkerOutcome::kDead,
                                        Letter(callback, result.effort,
                                               std::move(std::get<Unfetchable>(result.outcome))));
  completion.effort = result.effort;
  return completion;
}

OutgoingRecord CompletionMaker::LetterOfRefused(const Completion& completion,
                                                const PendingCallback& callback) const {
  const int http_status = completion.is_fetched ? 200 : 0;
  return Letter(callback, completion.effort,
                {common::DeadReason::kUnreadableResponse, http_status, {}});
}

OutgoingRecord CompletionMaker::Letter(const PendingCallback& callback, common::FetchEffort effort,
                                       Unfetchable why) const {
  const common::DeadLetter letter =
      LetterOf(callback, effort, std::move(why), settings_.callbacks_topic, wall_now_());
  events_.DeadLettered(callback.facts, letter);
  return DeadLetterOf(callback, letter);
}

}  // namespace consumer
