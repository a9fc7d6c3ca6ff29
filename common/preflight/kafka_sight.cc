#include "common/preflight/kafka_sight.h"

#include <algorithm>
#include <string_view>

#include "common/access/access_trouble.h"
#include "common/access/passing_fault.h"
#include "common/base/number.h"
#include "common/base/text.h"
#include "common/preflight/judge_certificate.h"

namespace common::preflight {
namespace {

using access::HandshakeAdvice;
using access::LoginAdvice;
using access::MayPass;
using access::Shortened;
using access::ShownCertificate;
using kafka::ClusterFacts;
using kafka::Properties;
using kafka::TopicFacts;
using kafka::TopicFault;
using kafka::TopicFinding;

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string Find(const Properties& properties, const std::string& name) {
  const auto found = properties.find(name);
  return found == properties.end() ? "" : found->second;
}

/// Prefers a trouble that cannot pass.
const ClientTrouble* FindTrouble(const KafkaSight& sight, std::string_view code) {
  const ClientTrouble* passing = nullptr;
  for (const ClientTrouble& trouble : sight.troubles) {
    if (trouble.code != code) continue;
    if (!MayPass(trouble.text)) return &trouble;
    if (passing == nullptr) passing = &trouble;
  }
  return passing;
}

/// A trouble that may pass shows nothing for certain, and little if other connections work.
Verdict VerdictOf(const ClientTrouble& trouble, const KafkaSight& sight) {
  if (!MayPass(trouble.text)) return Verdict::kWrong;
  return sight.facts ? Verdict::kWarning : Verdict::kUnasked;
}

bool IsOfAcks(TopicFault fault) {
  return fault == TopicFault::kReplication || fault == TopicFault::kMinInsync ||
         fault == TopicFault::kUncleanElection;
}

Verdict VerdictOf(TopicFault fault) {
  if (kafka::IsRefused(fault)) return Verdict::kWrong;
  return fault == TopicFault::kNoPermission ? Verdict::kUnasked : Verdict::kWarning;
}

const TopicFacts* Visible(const ClusterFacts& facts, const std::string& topic) {
  const auto found = facts.topics.find(topic);
  const bool is_visible =
      found != facts.topics.end() && found->second.access == TopicFacts::Access::kAllowed;
  return is_visible ? &found->second : nullptr;
}

/// The copies that exist now, beside those that an ack needs.
void JudgeCopies(const std::string& topic, const TopicFacts& facts, Report& report) {
  if (facts.leaderless > 0) {
    report.Add(Check::kAcks, Verdict::kWrong,
               topic + " has " + std::to_string(facts.leaderless) +
                   " partitions without a leader: start the brokers that hold them");
  }
  const auto found = facts.config.find("min.insync.replicas");
  const auto needed = found == facts.config.end() ? std::nullopt : ParseNumber<int>(found->second);
  if (!needed) {
    report.Add(Check::kAcks, Verdict::kUnasked,
               topic +
                   " does not show its min.insync.replicas: allow this client to describe "
                   "configs");
  } else if (*needed > facts.replication) {
    report.Add(Check::kAcks, Verdict::kWrong,
               topic + " has min.insync.replicas=" + found->second + " but " +
                   std::to_string(facts.replication) +
                   " replicas, so Kafka accepts no record: lower it, or add replicas");
  } else if (*needed > facts.in_sync) {
    report.Add(Check::kAcks, Verdict::kWrong,
               topic + " has " + std::to_string(facts.in_sync) + " replicas in sync and needs " +
                   found->second + " for an ack: start the brokers that are down");
  } else {
    report.Add(Check::kAcks, Verdict::kOk,
               topic + " has " + std::to_string(facts.in_sync) + " replicas in sync and needs " +
                   found->second);
  }
}

void JudgeTopics(const KafkaNeeds& needs, const KafkaSight& sight, Report& report) {
  const ClusterFacts& facts = *sight.facts;
  for (const TopicFinding& finding :
       kafka::CheckTopics(needs.topics, needs.scope, needs.of_topics, facts)) {
    report.Add(IsOfAcks(finding.fault) ? Check::kAcks : Check::kTopics, VerdictOf(finding.fault),
               finding.text);
  }
  for (const std::string& topic : kafka::TopicsOf(needs.topics, needs.scope)) {
    const TopicFacts* const found = Visible(facts, topic);
    if (found == nullptr) {
      report.Add(Check::kAcks, Verdict::kUnasked, topic + " is not visible: see topics");
      continue;
    }
    report.Add(Check::kTopics, Verdict::kOk,
               topic + " has " + std::to_string(found->partitions) + " partitions");
    JudgeCopies(topic, *found, report);
  }
  for (const SilentBroker& broker : sight.silent) {
    report.Add(Check::kTopics, Verdict::kWrong,
               "the cluster names the broker " + broker.address + ", which does not answer (" +
                   broker.why + "): open the way to it, or correct its advertised.listeners");
  }
}

bool IsTlsRefused(const KafkaSight& sight) {
  return FindTrouble(sight, "_SSL") != nullptr ||
         std::ranges::any_of(sight.certificates,
                             [](const ShownCertificate& shown) { return shown.error != 0; });
}

/// A property that weakens the check is worth a word even if all is well.
void JudgeVerification(const Properties& properties, Report& report) {
  if (Find(properties, "enable.ssl.certificate.verification") == "false") {
    report.Add(Check::kTls, Verdict::kWarning,
               "kafka.enable.ssl.certificate.verification is false, so anybody may pass for a "
               "broker: remove it");
  } else if (Find(properties, "ssl.endpoint.identification.algorithm") == "none") {
    report.Add(Check::kTls, Verdict::kWarning,
               "kafka.ssl.endpoint.identification.algorithm is none, so any trusted certificate "
               "passes for a broker's: remove it");
  }
}

void JudgeTls(const KafkaNeeds& needs, const KafkaSight& sight, WallTime now, Report& report) {
  JudgeVerification(needs.properties, report);
  bool is_refused = false;
  bool has_leaf = false;
  for (const ShownCertificate& certificate : sight.certificates) {
    JudgeCertificate(certificate, now, access::kCaSetting, report);
    is_refused = is_refused || certificate.error != 0;
    has_leaf = has_leaf || (certificate.is_leaf && certificate.error == 0);
  }
  const ClientTrouble* const trouble = FindTrouble(sight, "_SSL");
  if (!is_refused && trouble != nullptr) {
    const std::string words = Shortened(trouble->text);
    report.Add(Check::kTls, VerdictOf(*trouble, sight),
               "the TLS handshake with Kafka fails (" + words + "): " + HandshakeAdvice(words));
  } else if (!is_refused && (sight.facts || has_leaf)) {
    report.Add(Check::kTls, Verdict::kOk,
               "Kafka's certificates are trusted, valid, and for its names");
  } else if (!is_refused) {
    report.Add(Check::kTls, Verdict::kUnasked, "Kafka has shown no certificate: see topics");
  }
}

void JudgeSasl(const KafkaNeeds& needs, const KafkaSight& sight, Report& report) {
  const ClientTrouble* const trouble = FindTrouble(sight, "_AUTHENTICATION");
  if (trouble != nullptr) {
    const std::string words = Shortened(trouble->text);
    const std::string what =
        MayPass(trouble->text) ? "a login to Kafka is cut off (" : "Kafka refuses the login (";
    return report.Add(Check::kSasl, VerdictOf(*trouble, sight),
                      what + words + "): " + LoginAdvice(words));
  }
  if (!sight.facts) {
    return report.Add(
        Check::kSasl, Verdict::kUnasked,
        std::string("no login was tried: see ") + (IsTlsRefused(sight) ? "tls" : "topics"));
  }
  const std::string user = PrincipalOf(needs.properties);
  report.Add(Check::kSasl, Verdict::kOk,
             "Kafka accepts the login" + (user.empty() ? "" : " as " + user));
}

void JudgeRefusedClient(const std::string& why, Report& report) {
  const bool is_of_tls = Contains(why, "ssl") || Contains(why, "certificate");
  const Check check = is_of_tls               ? Check::kTls
                      : Contains(why, "sasl") ? Check::kSasl
                                              : Check::kTopics;
  report.Add(check, Verdict::kWrong,
             "librdkafka refuses the properties (" + why + "): correct `kafka:`");
  if (check != Check::kTopics) {
    report.Add(Check::kTopics, Verdict::kUnasked,
               "Kafka was not asked: see " + std::string(ToText(check)));
  }
  report.Add(Check::kAcks, Verdict::kUnasked, "see topics");
}

/// Why no broker has told of the topics.
void JudgeSilence(const KafkaSight& sight, Report& report) {
  report.Add(Check::kAcks, Verdict::kUnasked, "see topics");
  if (IsTlsRefused(sight)) {
    report.Add(Check::kTopics, Verdict::kUnasked, "Kafka was not asked: see tls");
  } else if (FindTrouble(sight, "_AUTHENTICATION") != nullptr) {
    report.Add(Check::kTopics, Verdict::kUnasked, "Kafka was not asked: see sasl");
  } else if (Contains(sight.unanswered, "security.protocol")) {
    report.Add(Check::kTopics, MayPass(sight.unanswered) ? Verdict::kUnasked : Verdict::kWrong,
               sight.unanswered +
                   ": set kafka.security.protocol to what the port speaks, if the "
                   "broker is up");
  } else {
    report.Add(Check::kTopics, Verdict::kUnasked,
               sight.unanswered + ": see to the address, the network and the brokers");
  }
}

}  // namespace

bool UsesTls(const Properties& properties) {
  return ToLowerAscii(Find(properties, "security.protocol")).ends_with("ssl");
}

bool UsesSasl(const Properties& properties) {
  return ToLowerAscii(Find(properties, "security.protocol")).starts_with("sasl");
}

std::string PrincipalOf(const Properties& properties) {
  if (UsesSasl(properties)) {
    const std::string short_name = Find(properties, "sasl.mechanism");
    const std::string mechanism =
        short_name.empty() ? Find(properties, "sasl.mechanisms") : short_name;
    if (mechanism != "PLAIN" && !mechanism.starts_with("SCRAM-")) return "";
    const std::string user = Find(properties, "sasl.username");
    return user.empty() ? "" : "User:" + user;
  }
  const bool has_certificate = properties.contains("ssl.certificate.location") ||
                               properties.contains("ssl.certificate.pem") ||
                               properties.contains("ssl.keystore.location");
  return UsesTls(properties) && has_certificate ? "" : "User:ANONYMOUS";
}

void JudgeKafka(const KafkaNeeds& needs, const KafkaSight& sight, WallTime now, Report& report) {
  if (sight.refused_client) return JudgeRefusedClient(*sight.refused_client, report);
  if (UsesTls(needs.properties)) JudgeTls(needs, sight, now, report);
  if (UsesSasl(needs.properties)) JudgeSasl(needs, sight, report);
  if (!sight.facts) return JudgeSilence(sight, report);
  JudgeTopics(needs, sight, report);
  JudgeRights(needs.rights, sight.rights, report);
}

}  // namespace common::preflight
