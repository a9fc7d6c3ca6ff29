#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/rfc3339.h"
#include "common/callback/announcements.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/acceptance/in_flight.h"
#include "ingest/acceptance/pending_responses.h"
#include "ingest/acceptance/request_ids.h"
#include "ingest/policy/answer.h"

namespace ingest {

inline constexpr std::size_t kMostAnnouncements = 1'000;

/// A waiting request, and the situation that decides its answer.
struct DecidedBatch {
  WaitingRequest request;
  std::size_t announcements = 0;
  Situation situation = Situation::kUnavailable;
};

/// Answers the requests that Accept() did not answer immediately.
///
/// Threads: any.
/// Time:    never blocks.
class ExpectedResponses {
 public:
  virtual ~ExpectedResponses() = default;
  virtual void Answer(std::span<const DecidedBatch> decided) = 0;
};

/// The resources of announcements. They come on top of those of callbacks.
struct ExpectedBounds {
  std::size_t max_requests = 600;  ///< Including those that are being received.
  std::size_t max_records = 20 * kMostAnnouncements;
  std::size_t max_bytes = 16ULL * 1024 * 1024;  ///< Bodies, those being received included.
  /// The large bodies that are read and written at a time. Each takes a worker of the HTTP server
  /// for some milliseconds.
  std::size_t max_large_at_once = 1;
};

/// A body above this size is large. A smaller one costs little more than a callback.
inline constexpr std::size_t kLargeExpectedBody = std::size_t{16} * 1024;

/// An authenticated request whose body was read.
///
/// Lifetime: views, valid during the call that receives them.
struct ExpectedRequest {
  const common::Announcements& announcements;
  std::size_t body_size = 0;
  std::optional<std::string_view> traceparent;  ///< As sent, possibly invalid.
  common::WallTime received_at{};
};

/// Takes one request of announcements to its answer: durable only if all of them are, and nothing
/// is spooled. If one fails the others may be stored; repeating the request is harmless.
///
///   Accept --refused--> answered at once
///      |
///      +--taken--> waiting --all stored----> durable
///                     |------one is not----> unavailable
///                     +------deadline------> unavailable
///
/// All records of a request have the same number. Once one has failed, the number is stale.
///
/// Threads: any.
class ExpectedAcceptance final : public StorageListener {
 public:
  struct Options {
    ExpectedBounds bounds;
    std::chrono::milliseconds ack_deadline{4'000};  ///< Counted from Accept().
  };
  using TimePoint = std::chrono::steady_clock::time_point;

  ExpectedAcceptance(const Options& options, CallbackSink& sink, ExpectedResponses& responses,
                     RequestIds& ids);

  /// Returns the situation to answer immediately. Otherwise ExpectedResponses::Answer() follows for
  /// `waiting`, possibly before this call returns.
  [[nodiscard]] std::optional<Situation> Accept(const ExpectedRequest& request,
                                                const WaitingRequest& waiting, TimePoint now);

  /// Reserves room for a request whose head was read. Returns the situation to answer if there is
  /// none; then nothing is counted. Call EndReceiving() once the request is complete, or gone.
  [[nodiscard]] std::optional<Situation> BeginReceiving();
  void EndReceiving();

  /// Call before the body is read: refuses cheaply if there is no room for it. Otherwise call
  /// EndHandling() after Accept().
  [[nodiscard]] std::optional<Situation> BeginHandling(std::size_t body_size);
  void EndHandling(std::size_t body_size);

  /// Counts bytes of a request that is being received. False if it must be shed; then nothing is
  /// counted. Call Release() for the counted bytes.
  [[nodiscard]] bool Reserve(std::size_t bytes);
  void Release(std::size_t bytes);

  void OnReports(std::span<const StorageReport> reports) override;

  /// Answers the requests whose deadline has passed. Call every few dozen milliseconds.
  void ExpireUntil(TimePoint now);

  /// Answers all waiting requests, and every later one, as draining.
  void Close();

 private:
  struct Waiting {
    WaitingRequest request;
    std::size_t announcements = 0;
    std::size_t unreported = 0;
    std::size_t body_size = 0;
  };
  struct State {
    InFlight<Waiting> in_flight;
    std::size_t records = 0;
    std::size_t bytes = 0;
    std::size_t receiving = 0;
    std::size_t large = 0;  ///< Bodies between BeginHandling() and EndHandling().
    bool is_closed = false;

    std::optional<Waiting> Take(CallbackNumber number);
    /// Removes and returns all requests whose deadline is not after `now`.
    std::vector<DecidedBatch> TakeExpired(TimePoint now, Situation situation);
    void Forget(const Waiting& waiting);
  };

  [[nodiscard]] bool MustShed(const State& state, std::size_t announcements,
                              std::size_t body_size) const;

  const Options options_;
  CallbackSink& sink_;
  ExpectedResponses& responses_;
  RequestIds& ids_;
  common::Guarded<State> state_;
};

}  // namespace ingest
