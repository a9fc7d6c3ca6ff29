#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/access/certificate.h"
#include "common/base/rfc3339.h"
#include "common/domain/topics.h"
#include "common/kafka/client_config.h"
#include "common/kafka/topic_check.h"
#include "common/kafka/topic_facts.h"
#include "common/preflight/report.h"
#include "common/preflight/rights.h"

namespace common::preflight {

/// A program's requirements on Kafka.
struct KafkaNeeds {
  kafka::Properties properties;  ///< The operator's.
  TopicNames topics;
  kafka::TopicScope scope = kafka::TopicScope::kCallbacks;
  kafka::TopicNeeds of_topics;
  std::vector<NeededRight> rights = {};
  std::string group = {};  ///< Empty: none.
};

/// An error that librdkafka has raised.
struct ClientTrouble {
  std::string code;  ///< Its name, "_SSL", or a facility of its log, "FAIL".
  std::string text;
};

/// A broker of the cluster that did not answer at the address that it announces.
struct SilentBroker {
  std::string address;
  std::string why;
};

/// The result of a look at the cluster.
struct KafkaSight {
  std::optional<std::string> refused_client;  ///< Why librdkafka makes no client.
  std::optional<kafka::ClusterFacts> facts;   ///< Empty: no broker answered.
  std::string unanswered;                     ///< Why.
  std::vector<ClientTrouble> troubles;
  std::vector<access::ShownCertificate> certificates;
  std::vector<SilentBroker> silent;
  RightsSight rights;
};

/// The lines topics, acks, acl, tls and sasl.
void JudgeKafka(const KafkaNeeds& needs, const KafkaSight& sight, WallTime now, Report& report);

/// True if the client's connections use TLS, or SASL.
[[nodiscard]] bool UsesTls(const kafka::Properties& properties);
[[nodiscard]] bool UsesSasl(const kafka::Properties& properties);

/// The principal that brokers give this client unless they have mapping rules; empty if its
/// certificate or token decides.
[[nodiscard]] std::string PrincipalOf(const kafka::Properties& properties);

}  // namespace common::preflight
