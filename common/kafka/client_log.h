#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <string>
#include <string_view>

#include "common/telemetry/log.h"

namespace common::kafka {

/// One line of librdkafka's log, or an error it raised.
struct ClientLogLine {
  int level = 6;              ///< Of syslog: 3 error, 4 warning, 6 information, 7 debug.
  std::string_view facility;  ///< "FAIL", "REQTMOUT", …; an error's: its name, "_TRANSPORT".
  std::string_view text;
};

/// Turns what one client says into log lines {"event":"kafka.log","client":…,"facility":…} and
/// shows it to an observer as well.
///
///   an ambiguous EndTxn is seen nowhere but in FAIL and REQTMOUT lines of level 6;
///   the `log_level` property must be 6 for the observer to get them. Lines above `max_level` are
///   observed, not written.
///
/// Threads:  the observer is called on librdkafka's threads; it must be quick and must not call
///           into the client.
/// Lifetime: must outlive the client. Takes the client's opaque pointer; `owner` is carried along
///           for the client's other callbacks: ClientLog::From(opaque).owner().
class ClientLog {
 public:
  using Observer = std::function<void(const ClientLogLine&)>;

  ClientLog(const Logger& log, std::string client, Observer observer = {}, int max_level = 5)
      : log_(log),
        client_(std::move(client)),
        observer_(std::move(observer)),
        max_level_(max_level) {}
  ClientLog(const ClientLog&) = delete;
  ClientLog& operator=(const ClientLog&) = delete;

  /// Sets log_cb, error_cb and the opaque pointer.
  void Attach(rd_kafka_conf_t* conf, void* owner = nullptr);

  static ClientLog& From(void* opaque) { return *static_cast<ClientLog*>(opaque); }
  [[nodiscard]] void* owner() const { return owner_; }

 private:
  static void OnLog(const rd_kafka_t* client, int level, const char* facility,
                    const char* text) noexcept;
  static void OnError(rd_kafka_t* client, int code, const char* reason, void* opaque) noexcept;
  void Write(const ClientLogLine& line) const;

  const Logger& log_;
  std::string client_;
  Observer observer_;
  int max_level_;
  void* owner_ = nullptr;
};

}  // namespace common::kafka
