#pragma once

#include <functional>
#include <map>
#include <stop_token>

#include "common/telemetry/log.h"
#include "ingest/config.h"
#include "ingest/instance/instance.h"
#include "tests/simulation/ingest/clients/front_door.h"
#include "tests/simulation/ingest/clients/plain_producer.h"
#include "tests/simulation/ingest/disk/disk.h"
#include "tests/simulation/ingest/world/judge.h"
#include "tests/simulation/runtime/runtime.h"

namespace simulation::intake {

/// One run of ingest on a machine: ingest/instance and all below it is the real thing, but for
/// sockets, SQLite and librdkafka.
class Process {
 public:
  struct Settings {
    bool has_spool = true;
    int max_in_flight = 1'000;
    std::chrono::milliseconds max_batch_delay{20};
    bool may_read_limit = true;
  };
  struct World {
    Runtime& runtime;
    Judge& judge;
    const common::Logger& log;
  };
  Process(const World& world, Disk& disk, int host_id, const Settings& settings);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// The one that runs on that host, or whose fiber runs.
  static Process& Of(const Host& host);
  static Process& Here();

  // Faults and signals.
  void Start();
  /// SIGTERM.
  void Stop();
  void Crash(bool has_power);
  void Freeze() { host_.is_frozen = true; }
  void Thaw() { runtime_.Thaw(host_); }
  void SetClock(Span error) { host_.clock_error = error; }
  [[nodiscard]] bool is_alive() const { return !host_.is_dead && !has_ended_; }
  [[nodiscard]] bool is_frozen() const { return host_.is_frozen; }
  [[nodiscard]] bool has_ended() const { return has_ended_; }
  [[nodiscard]] bool is_disk_full() const { return disk_.faults.is_full; }
  /// After its first contact with Kafka, until its drain.
  [[nodiscard]] bool is_serving() const { return is_serving_ && !host_.is_dead; }
  [[nodiscard]] bool is_stopping() const { return stop_.stop_requested(); }
  /// Null before it is made and after its end.
  [[nodiscard]] ingest::Instance* instance() const { return instance_; }
  [[nodiscard]] const ingest::Config& config() const { return config_; }

  // For the model clients.
  [[nodiscard]] Runtime& runtime() { return runtime_; }
  [[nodiscard]] Host& host() { return host_; }
  [[nodiscard]] Judge& judge() { return judge_; }
  [[nodiscard]] Disk& disk() { return disk_; }
  [[nodiscard]] ClientFaults& client_faults() { return client_faults_; }
  [[nodiscard]] bool may_read_limit() const { return settings_.may_read_limit; }
  /// An eventfd that a client writes to and the server watches.
  void Watch(int event, std::function<void()> wake) { watches_[event] = std::move(wake); }
  void Signal(int event);
  void Opened(FrontDoor& door) { door_ = &door; }
  void Closed() { door_ = nullptr; }
  [[nodiscard]] FrontDoor* door() { return door_; }

  /// When something last was not as it should be. Of the world, for the judge.
  struct Troubles {
    Time kafka{};
    Time disk{};
    Time self{};  ///< Starting, or standing still.
    Time load{};  ///< At the bound.
    Time full{};  ///< The disk, or half of the spool.
    // Nothing was possible since; max(): it was lately. Each reason of its own: ingest needs a
    // moment to notice the next one.
    Time kafka_dead_since = Time::max();
    Time client_dead_since = Time::max();
    Time disk_dead_since = Time::max();
  };
  Troubles troubles;

 private:
  void Main();
  void Serve(ingest::Durability& durability, ingest::Events& events);

  Runtime& runtime_;
  Judge& judge_;
  const common::Logger& log_;
  Disk& disk_;
  const Settings settings_;
  const ingest::Config config_;
  Host host_;
  ClientFaults client_faults_;
  std::map<int, std::function<void()>> watches_;
  FrontDoor* door_ = nullptr;
  ingest::Instance* instance_ = nullptr;
  std::stop_source stop_;
  bool is_serving_ = false;
  bool has_ended_ = false;
};

}  // namespace simulation::intake
