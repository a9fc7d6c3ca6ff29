#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/guarded.h"
#include "common/domain/provider_rules.h"
#include "common/tracing/recording_limit.h"
#include "common/tracing/sampler.h"
#include "common/tracing/span.h"
#include "common/tracing/trace_context.h"
#include "ingest/http/request_traces.h"

namespace ingest {

/// Makes the spans of requests:
///
///   SERVER   "POST /callbacks/{provider}"   ; head read to answer written; continues the sender's trace
///   └ PRODUCER "send callbacks"             ; to the decision about its storage; the record names it
///
/// Recorded are those that the sampler takes when a request begins, and those whose answer took
/// longer than `slower_than`, as many as RecordingLimit takes. A request that was refused before it
/// was authenticated begins a trace of its own.
///
/// Threads:  any.
/// Lifetime: refers to providers and sink.
class CallbackTraces final : public RequestTraces {
 public:
  struct Settings {
    common::tracing::Sampler sampler{1};
    std::chrono::milliseconds slower_than{};
    std::string route;  ///< Of callbacks, such as "/callbacks/{provider}".
    std::string topic;
    std::size_t most_open = 65'536;  ///< Requests under way; more are not traced.
  };
  struct Injected {
    std::uint64_t seed = 0;
    std::function<common::tracing::SpanTime()> now{};
  };

  CallbackTraces(Settings settings, const common::ProviderTable& providers,
                 common::tracing::SpanSink& sink, Injected injected);

  std::string Begin(const WaitingRequest& request, const Sent& sent) override;
  void Refused(const WaitingRequest& request) override;
  void Decided(const WaitingRequest& request, Situation situation) override;
  void Answered(const WaitingRequest& request, common::ProviderTable::Index row,
                Situation situation, int status, Duration since_head) override;
  void Abandoned(const WaitingRequest& request) override;

 private:
  using SpanTime = common::tracing::SpanTime;
  struct Key {
    std::uint64_t connection = 0;
    std::uint64_t request = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct HashOfKey {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::uint64_t>()(key.connection * 0x9E37'79B9'7F4A'7C15U + key.request);
    }
  };
  struct Answer {
    SpanTime start{};
    SpanTime end{};
    common::ProviderTable::Index row = common::ProviderTable::kUnknown;
    std::optional<Situation> situation{};  ///< None: the client is gone.
    int status = 0;
  };
  struct Open {
    common::tracing::TraceContext server;
    common::tracing::SpanId parent;
    std::string trace_state;
    common::tracing::SpanId producer;
    SpanTime received_at;
    SpanTime began_at;
    bool is_decided = false;
    SpanTime decided_at{};
    std::optional<Situation> decision{};  ///< None: nothing was sent.
    std::string request_id{};
    std::optional<Answer> answer{};
  };
  struct State {
    common::tracing::TraceIds ids;
    std::unordered_map<Key, Open, HashOfKey> open{};
    common::tracing::RecordingLimit slow{};
  };

  static Key KeyOf(const WaitingRequest& request) { return {request.connection, request.request}; }
  /// Applies `change` to an open request. Takes it out once both of its ends have come.
  template <typename Change>
  [[nodiscard]] std::optional<Open> Update(const WaitingRequest& request, Change change);
  void Record(const Open& open);
  [[nodiscard]] bool RecordsAsSlow(Duration took);
  [[nodiscard]] common::tracing::Span ServerSpan(const common::tracing::TraceContext& context,
                                                 const Answer& answer) const;
  [[nodiscard]] common::tracing::Span ProducerSpan(const Open& open) const;

  const Settings settings_;
  const common::ProviderTable& providers_;
  common::tracing::SpanSink& sink_;
  const std::function<SpanTime()> now_;
  common::Guarded<State> state_;
};

}  // namespace ingest
