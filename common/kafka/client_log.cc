#include "common/kafka/client_log.h"

#include <array>
#include <chrono>
#include <string_view>

#include "common/access/certificate.h"

namespace common::kafka {
namespace {

using SteadyClock = std::chrono::steady_clock;

bool UsesTls(const rd_kafka_conf_t* conf) {
  std::array<char, 32> protocol{};
  std::size_t size = protocol.size();
  return rd_kafka_conf_get(conf, "security.protocol", protocol.data(), &size) == RD_KAFKA_CONF_OK &&
         std::string_view(protocol.data()).ends_with("ssl");
}

}  // namespace

void ClientLog::Attach(rd_kafka_conf_t* conf, void* owner) {
  owner_ = owner;
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_log_cb(conf, &ClientLog::OnLog);
  rd_kafka_conf_set_error_cb(conf, &ClientLog::OnError);
  if (UsesTls(conf)) rd_kafka_conf_set_ssl_cert_verify_cb(conf, &ClientLog::OnCertificate);
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

// Called for each certificate of a chain. OpenSSL has judged it; so that holds.
int ClientLog::OnCertificate(rd_kafka_t* /*client*/, const char* broker, std::int32_t /*id*/,
                             int* error, int depth, const char* der, std::size_t size,
                             char* /*words*/, std::size_t /*words_size*/, void* opaque) noexcept {
  if (*error == 0) return 1;
  access::ShownCertificate shown = access::ReadCertificate({der, size});
  shown.host = broker;
  shown.is_leaf = depth == 0;
  shown.error = *error;
  const ClientLog& log = From(opaque);
  const auto trouble = log.access_.With(
      [&](access::AccessWatch& watch) { return watch.Refused(shown, SteadyClock::now()); });
  if (trouble) log.Report(*trouble);
  return 0;
}

void ClientLog::Note(rd_kafka_resp_err_t error) const {
  Watch(rd_kafka_err2name(error), rd_kafka_err2str(error));
}

std::string ClientLog::WhyUnanswered() const {
  return access_.With(
      [](const access::AccessWatch& watch) { return watch.WhyUnanswered(SteadyClock::now()); });
}

void ClientLog::Watch(std::string_view code, std::string_view text) const {
  const auto trouble = access_.With(
      [&](access::AccessWatch& watch) { return watch.Heard(code, text, SteadyClock::now()); });
  if (trouble) Report(*trouble);
}

void ClientLog::Report(const access::AccessTrouble& trouble) const {
  log_.Error("kafka.access_refused", {{"client", client_},
                                      {"kind", access::ToText(trouble.kind)},
                                      {"host", trouble.host},
                                      {"why", trouble.why},
                                      {"do", trouble.advice}});
}

void ClientLog::Write(const ClientLogLine& line) const {
  if (observer_) observer_(line);
  Watch(line.facility, line.text);
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
