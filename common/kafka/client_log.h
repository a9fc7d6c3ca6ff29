#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/access/access_watch.h"
#include "common/base/guarded.h"
#include "common/telemetry/log.h"

namespace common::kafka {

/// A line of librdkafka's log, or an error that it raised.
struct ClientLogLine {
  int level = 6;              ///< As in syslog: 3 error, 4 warning, 6 information, 7 debug.
  std::string_view facility;  ///< "FAIL", "REQTMOUT", …; or the error's name, "_TRANSPORT".
  std::string_view text;
};

/// Writes one client's log as lines {"event":"kafka.log","client":…,"facility":…} and passes each
/// line to an observer. What keeps the client out becomes {"event":"kafka.access_refused",…}, with
/// what to do about it.
///
/// The observer also gets lines above `max_level`, which are not written. An ambiguous EndTxn shows
/// only in FAIL and REQTMOUT lines of level 6; the observer gets those if the property `log_level`
/// is 6.
///
/// Threads:  librdkafka's threads call the observer; it must be quick and must not call the client.
/// Lifetime: must outlive the client. Occupies the client's opaque pointer; the client's other
///           callbacks get their owner by ClientLog::From(opaque).owner().
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

  /// Sets log_cb, error_cb, the opaque pointer and, with TLS, ssl_cert_verify_cb: librdkafka's own
  /// words do not say why a certificate is refused.
  void Attach(rd_kafka_conf_t* conf, void* owner = nullptr);

  static ClientLog& From(void* opaque) { return *static_cast<ClientLog*>(opaque); }
  [[nodiscard]] void* owner() const { return owner_; }

  /// For an error that came in answer to a request: it may be one of rights.
  void Note(rd_kafka_resp_err_t error) const;

  /// Why no broker answers this client, in its own words, with advice where there is some; empty:
  /// it has not complained.
  [[nodiscard]] std::string WhyUnanswered() const;

 private:
  static void OnLog(const rd_kafka_t* client, int level, const char* facility,
                    const char* text) noexcept;
  static void OnError(rd_kafka_t* client, int code, const char* reason, void* opaque) noexcept;
  static int OnCertificate(rd_kafka_t* client, const char* broker, std::int32_t id, int* error,
                           int depth, const char* der, std::size_t size, char* words,
                           std::size_t words_size, void* opaque) noexcept;
  void Write(const ClientLogLine& line) const;
  void Watch(std::string_view code, std::string_view text) const;
  void Report(const access::AccessTrouble& trouble) const;

  const Logger& log_;
  std::string client_;
  mutable Guarded<access::AccessWatch> access_;
  Observer observer_;
  int max_level_;
  void* owner_ = nullptr;
};

}  // namespace common::kafka
