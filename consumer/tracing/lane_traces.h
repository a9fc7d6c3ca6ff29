#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/provider_rules.h"
#include "common/domain/topics.h"
#include "common/tracing/recording_limit.h"
#include "common/tracing/sampler.h"
#include "common/tracing/span.h"
#include "common/tracing/trace_context.h"
#include "consumer/fetch/attempt_traces.h"
#include "consumer/lane/callback_traces.h"
#include "consumer/tracing/attempt_log.h"

namespace consumer {

/// Makes the spans of one lane:
///
///   CONSUMER "process callbacks"               ; taken in to committed; its parent: the record's context
///   ├ CLIENT "GET /dossiers/{dossierId}…"      ; one for each request to the API
///   └ PRODUCER "send processes" | "send callbacks.dead"   ; record made to committed; the record names it
///
/// A redelivery has the first one alone. A reconciled process begins a trace: INTERNAL "reconcile
/// process" in its place.
///
/// Keeps the trace of each callback until its commit. Records it then if the sampler chose it at
/// its arrival, if it is a dead letter, or if it took longer than `slower_than`, counted from
/// received-at. RecordingLimit bounds the slow ones.
///
/// Threads:  confined to the lane.
/// Lifetime: refers to the providers and the sink.
class LaneTraces final : public CallbackTraces, public AttemptTraces {
 public:
  struct Settings {
    common::tracing::Sampler sampler{1};
    std::chrono::milliseconds slower_than{};
    common::TopicNames topics;
    std::string group;
    std::string client;                  ///< `messaging.client.id`
    std::vector<std::string> api_hosts;  ///< `server.address`, by account
  };
  struct Injected {
    std::uint64_t seed = 0;
    std::function<common::tracing::SpanTime()> now{};
  };

  LaneTraces(Settings settings, const common::ProviderTable& providers,
             common::tracing::SpanSink& sink, Injected injected);

  void Taken(JobId id, const PendingCallback& callback) override;
  void Redelivered(const ArrivedRecord& record, const common::CallbackFacts& facts) override;
  void Completed(JobId id, common::MarkerOutcome outcome, common::RecordHeaders& headers) override;
  void Committed(JobId id, const PendingCallback* callback) override;
  void Dropped(JobId id) override;
  void DroppedAll() override;

  std::string AttemptStarts(const FetchJob& job, Resource resource) override;
  void AttemptEnded(const AttemptReport& report) override;

  /// Looks are ended by more ways than callbacks, and few are under way: the oldest ones make room.
  static constexpr std::size_t kMostLooks = 256;

 private:
  using Span = common::tracing::Span;
  using SpanTime = common::tracing::SpanTime;

  struct Open {
    common::tracing::TraceContext own;  ///< Of the span around the others.
    common::tracing::SpanId parent;
    std::string trace_state;
    SpanTime began_at;
    /// For `slower_than`. A header may name any year, and nanoseconds reach from 1677 to 2262.
    common::WallTime counts_from{};
    /// Of a slow one: whether it is recorded. The record's flag and the commit agree.
    std::optional<bool> is_taken_as_slow{};
    AttemptLog attempts;
    common::tracing::SpanId send{};
    SpanTime completed_at{};
    common::MarkerOutcome outcome = common::MarkerOutcome::kPublished;
    std::string dead_reason{};
  };
  struct Look {
    Open open;
    std::string dossier;
    std::string process;
  };

  template <typename Headers>
  [[nodiscard]] Open Begin(const Headers& headers);
  [[nodiscard]] Open* Find(JobId id);
  [[nodiscard]] bool MustRecord(Open& open, SpanTime now);
  [[nodiscard]] Span Around(const Open& open, SpanTime end) const;
  [[nodiscard]] Span ProcessSpan(const Open& open, const PendingCallback& callback,
                                 SpanTime end) const;
  [[nodiscard]] Span SendSpan(const Open& open, SpanTime end) const;
  [[nodiscard]] Span AttemptSpan(const Open& open, const Attempt& attempt) const;
  /// `span`: the one around the others.
  void Record(const Open& open, Span span);
  template <typename SomeRecord>
  void Describe(const SomeRecord& record, const common::CallbackFacts& facts, Span& span) const;

  const Settings settings_;
  const common::ProviderTable& providers_;
  common::tracing::SpanSink& sink_;
  const std::function<SpanTime()> now_;
  common::tracing::TraceIds ids_;
  common::tracing::RecordingLimit slow_;
  std::unordered_map<JobId, Open> callbacks_;
  std::map<JobId, Look> looks_;
};

}  // namespace consumer
