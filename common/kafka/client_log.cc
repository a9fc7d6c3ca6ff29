#include "common/kafka/client_log.h"

namespace common::kafka {

void ClientLog::Attach(rd_kafka_conf_t* conf, void* owner) {
  owner_ = owner;
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_log_cb(conf, &ClientLog::OnLog);
  rd_kafka_conf_set_error_cb(conf, &ClientLog::OnError);
}

void ClientLog::OnLog(const rd_kafka_t* client, int level, const char* facility,
                      const char* text) noexcept {
  From(rd_kafka_opaque(client)).Write({level, facility, text});
}

void ClientLog::OnError(rd_kafka_t* /*client*/, int code, const char* reason,
                        void* opaque) noexcept {
  constexpr int kError = 3;
  From(opaque).Write({kError, rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)), reason});
}

void ClientLog::Write(const ClientLogLine& line) const {
  if (observer_) observer_(line);
  if (line.level > max_level_) return;
  const std::initializer_list<LogField> fields = {
      {"client", client_}, {"facility", line.facility}, {"detail", line.text}};
  constexpr int kError = 3;
  constexpr int kWarning = 4;
  if (line.level <= kError) return log_.Error("kafka.log", fields);
  if (line.level == kWarning) return log_.Warn("kafka.log", fields);
  log_.Info("kafka.log", fields);
}

}  // namespace common::kafka
