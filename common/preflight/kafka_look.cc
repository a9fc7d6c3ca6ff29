#include "common/preflight/kafka_look.h"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <thread>
#include <utility>

#include "common/access/access_trouble.h"
#include "common/access/passing_fault.h"
#include "common/base/guarded.h"
#include "common/kafka/admin_request.h"
#include "common/kafka/call_limit.h"
#include "common/kafka/classify_error.h"
#include "common/kafka/client_log.h"
#include "common/kafka/group_coordinator.h"
#include "common/kafka/missing_topics.h"
#include "common/kafka/topic_admin.h"
#include "common/kafka/topic_layout.h"
#include "common/preflight/kafka_answers.h"

namespace common::preflight {
namespace {

using access::MayPass;
using access::Shortened;
using access::ShownCertificate;
using std::chrono::milliseconds;

constexpr std::size_t kMostTroubles = 200;
constexpr std::size_t kMostCertificates = 100;
constexpr std::size_t kMostBrokers = 50;
/// Between two looks at what the client has complained of.
constexpr milliseconds kSlice{2'000};
constexpr milliseconds kPause{200};
constexpr milliseconds kFirst{10'000};
constexpr milliseconds kRequest{5'000};

/// The deadline of one request within that of the whole.
Deadline Soon(Deadline deadline, milliseconds limit) {
  return Deadline(std::min(deadline.at(), Deadline::After(limit).at()));
}

/// Collected by the callbacks of a client.
struct Seen {
  std::vector<ClientTrouble> troubles;
  std::vector<ShownCertificate> certificates;
};

/// A client and its callbacks.
///
/// Lifetime: librdkafka keeps the address.
class Client {
 public:
  explicit Client(const Logger& log)
      : log_(
            log, "preflight", [this](const kafka::ClientLogLine& line) { Keep(line); }, kNothing) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Result<void> Open(const kafka::Properties& properties) {
    const kafka::Properties defaults = {{"client.id", "sluice-preflight"},
                                        {"reconnect.backoff.ms", "100"},
                                        {"reconnect.backoff.max.ms", "500"},
                                        {"log_level", "6"}};
    // An idempotent producer asks for a producer id, which Kafka writes down.
    const kafka::Properties promises = {{"enable.idempotence", "false"},
                                        {"allow.auto.create.topics", "false"},
                                        {"statistics.interval.ms", "0"}};
    Result<kafka::Conf> conf =
        kafka::BuildConfOf(RD_KAFKA_PRODUCER, {&defaults, &properties, &promises});
    if (!conf) return conf.error();
    log_.Attach(conf->get(), this);
    if (UsesTls(properties)) {
      rd_kafka_conf_set_ssl_cert_verify_cb(conf->get(), &Client::OnCertificate);
    }
    Result<kafka::Handle> client = kafka::NewProducer(*std::move(conf));
    if (!client) return client.error();
    handle_ = *std::move(client);
    return {};
  }

  [[nodiscard]] rd_kafka_t* get() const { return handle_.get(); }

  /// The troubles and certificates until now.
  [[nodiscard]] Seen TakeStock() const {
    rd_kafka_poll(handle_.get(), 0);  // Serves the error callback.
    return seen_.With([](const Seen& seen) { return seen; });
  }

 private:
  static constexpr int kNothing = -1;  ///< The level up to which lines are written.

  void Keep(const kafka::ClientLogLine& line) {
    seen_.With([&](Seen& seen) {
      if (seen.troubles.size() >= kMostTroubles) return;
      seen.troubles.push_back({std::string(line.facility), std::string(line.text)});
    });
  }

  static int OnCertificate(rd_kafka_t* /*client*/, const char* broker, std::int32_t /*id*/,
                           int* error, int depth, const char* der, std::size_t size,
                           char* /*words*/, std::size_t /*words_size*/, void* opaque) noexcept {
    auto& client = *static_cast<Client*>(kafka::ClientLog::From(opaque).owner());
    ShownCertificate shown = access::ReadCertificate({der, size});
    shown.host = broker;
    shown.is_leaf = depth == 0;
    shown.error = *error;
    client.seen_.With([&](Seen& seen) {
      if (seen.certificates.size() < kMostCertificates)
        seen.certificates.push_back(std::move(shown));
    });
    return *error == 0 ? 1 : 0;
  }

  Guarded<Seen> seen_;
  kafka::ClientLog log_;
  kafka::Handle handle_;  // Last: its threads call the members above.
};

bool IsDecisive(const ClientTrouble& trouble) {
  const bool is_of_kind = trouble.code == "_SSL" || trouble.code == "_AUTHENTICATION";
  return is_of_kind && !MayPass(trouble.text);
}

/// The last complaint, which says more than that nobody answered.
std::string WhyUnanswered(const KafkaNeeds& needs, const Error& error, const Seen& seen) {
  const auto bootstrap = needs.properties.find("bootstrap.servers");
  std::string text =
      "no broker answers at " + (bootstrap == needs.properties.end() ? "" : bootstrap->second);
  const auto last =
      std::find_if(seen.troubles.rbegin(), seen.troubles.rend(), [](const ClientTrouble& trouble) {
        return trouble.code == "FAIL" || trouble.code == "_TRANSPORT" || trouble.code == "_RESOLVE";
      });
  const std::string why = last == seen.troubles.rend() ? error.detail : Shortened(last->text);
  return text + " (" + why + ")";
}

/// Asks until the topics are certain: a broker that has just started may not know all of them.
Result<kafka::ClusterFacts> AskForTopics(const Client& client, const KafkaNeeds& needs,
                                         Deadline deadline) {
  const std::vector<std::string> topics = kafka::TopicsOf(needs.topics, needs.scope);
  kafka::MissingTopics missing;
  while (true) {
    Result<kafka::ClusterFacts> facts =
        kafka::FetchClusterFacts(client.get(), topics, Soon(deadline, kSlice));
    if (facts) {
      const auto findings = kafka::CheckTopics(needs.topics, needs.scope, needs.of_topics, *facts);
      const bool is_certain = missing.AreCertain(findings, std::chrono::steady_clock::now());
      if (is_certain || deadline.HasPassed()) return facts;
    } else if (deadline.HasPassed() || facts.error().code != kafka::kNoBroker ||
               std::ranges::any_of(client.TakeStock().troubles, IsDecisive)) {
      return facts;
    }
    std::this_thread::sleep_for(std::min(kPause, deadline.Remaining()));
  }
}

/// Without Describe and DescribeConfigs a topic may be hidden or missing; a broker that is asked
/// for it by name says which.
void TellHiddenFromMissing(rd_kafka_t* client, kafka::ClusterFacts& facts, RightsSight& rights,
                           Deadline deadline) {
  for (auto& [name, topic] : facts.topics) {
    const Right describe{Right::Resource::kTopic, name, Right::Operation::kDescribe};
    if (topic.access == kafka::TopicFacts::Access::kAllowed) {
      rights.shown.insert(describe);
    } else {
      const kafka::TopicLayout layout = kafka::FetchTopicLayout(client, name, deadline);
      topic.access = AccessBy(layout);
      if (layout.error == RD_KAFKA_RESP_ERR_NO_ERROR) rights.shown.insert(describe);
      if (layout.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
        rights.denied.insert(describe);
      }
    }
  }
}

/// The broker that an answer describes; nullptr if it describes none.
const rd_kafka_ConfigResource_t* BrokerIn(rd_kafka_event_t& event) {
  std::size_t count = 0;
  const auto* const described = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(&event), &count);
  return count == 1 ? described[0] : nullptr;
}

/// DescribeAcls does not tell whether a broker checks rights: librdkafka up to 2.8 drops its error.
void LearnFrom(const rd_kafka_ConfigResource_t& broker, RightsSight& rights) {
  rights.authorizer = std::max(rights.authorizer, AuthorizerIn(broker).value_or(rights.authorizer));
  rights.may_allow_unnamed = rights.may_allow_unnamed || MayAllowUnnamed(broker);
}

/// Asks every broker for its own configuration. Also a refusal shows that it answers at the address
/// that it announces.
std::vector<SilentBroker> AskBrokers(const Client& client, const kafka::ClusterFacts& facts,
                                     RightsSight& rights, Deadline deadline) {
  const kafka::Queue queue(rd_kafka_queue_new(client.get()));
  const auto options =
      kafka::AdminOptionsUntil(client.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, deadline);
  struct Asked {
    std::string address;
    bool has_answered = false;
  };
  std::vector<Asked> asked;
  asked.reserve(kMostBrokers);  // The requests keep the addresses of the elements.
  for (const auto& [id, address] : facts.addresses) {
    if (asked.size() == kMostBrokers) break;
    const kafka::Owned<rd_kafka_ConfigResource_t> resource(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, std::to_string(id).c_str()));
    std::array<rd_kafka_ConfigResource_t*, 1> resources = {resource.get()};
    asked.push_back({address});
    rd_kafka_AdminOptions_set_opaque(options.get(), &asked.back());
    rd_kafka_DescribeConfigs(client.get(), resources.data(), resources.size(), options.get(),
                             queue.get());
  }
  for (std::size_t left = asked.size(); left > 0; --left) {
    const kafka::AdminAnswer answer = kafka::AwaitAdminAnswer(queue.get(), deadline);
    if (!answer.event) break;
    if (kafka::IsNoAnswer(answer.error)) continue;
    static_cast<Asked*>(rd_kafka_event_opaque(answer.event.get()))->has_answered = true;
    if (answer.error != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (const auto* broker = BrokerIn(*answer.event)) LearnFrom(*broker, rights);
  }
  std::vector<SilentBroker> silent;
  const Seen seen = client.TakeStock();
  for (const Asked& broker : asked) {
    if (broker.has_answered) continue;
    const auto last = std::find_if(
        seen.troubles.rbegin(), seen.troubles.rend(), [&](const ClientTrouble& trouble) {
          return trouble.code == "FAIL" && trouble.text.find(broker.address) != std::string::npos;
        });
    silent.push_back({broker.address,
                      last == seen.troubles.rend() ? "no answer in time" : Shortened(last->text)});
  }
  return silent;
}

Right::Resource ResourceOf(int kind) {
  switch (kind) {
    case RD_KAFKA_RESOURCE_GROUP:
      return Right::Resource::kGroup;
    case RD_KAFKA_RESOURCE_BROKER:  // Kafka's number for the cluster.
      return Right::Resource::kCluster;
    case 5:
      return Right::Resource::kTransactionalId;
    default:
      return Right::Resource::kTopic;
  }
}

std::optional<AclEntry> EntryOf(const rd_kafka_AclBinding_t& binding) {
  const int kind = rd_kafka_AclBinding_restype(&binding);
  const auto operation = rd_kafka_AclBinding_operation(&binding);
  // librdkafka before 2.3 does not know transactional ids. Nothing else that it does not know can
  // be written to.
  const bool is_unknown = kind == RD_KAFKA_RESOURCE_UNKNOWN;
  if (is_unknown && operation != RD_KAFKA_ACL_OPERATION_WRITE) return std::nullopt;
  if (!is_unknown && (kind < RD_KAFKA_RESOURCE_TOPIC || kind > 5)) return std::nullopt;
  AclEntry entry;
  entry.resource = is_unknown ? Right::Resource::kTransactionalId : ResourceOf(kind);
  entry.is_prefix =
      rd_kafka_AclBinding_resource_pattern_type(&binding) == RD_KAFKA_RESOURCE_PATTERN_PREFIXED;
  entry.name = rd_kafka_AclBinding_name(&binding);
  entry.principal = rd_kafka_AclBinding_principal(&binding);
  entry.is_for_every_host = std::string_view(rd_kafka_AclBinding_host(&binding)) == "*";
  entry.is_denial =
      rd_kafka_AclBinding_permission_type(&binding) == RD_KAFKA_ACL_PERMISSION_TYPE_DENY;
  entry.operations = entry.is_denial ? DeniedBy(operation) : GrantedBy(operation);
  return entry;
}

struct DestroyAcl {
  void operator()(rd_kafka_AclBinding_t* binding) const { rd_kafka_AclBinding_destroy(binding); }
};

void ListAcls(rd_kafka_t* client, RightsSight& rights, Deadline deadline) {
  std::array<char, 512> words{};
  const std::unique_ptr<rd_kafka_AclBindingFilter_t, DestroyAcl> filter(
      rd_kafka_AclBindingFilter_new(RD_KAFKA_RESOURCE_ANY, nullptr, RD_KAFKA_RESOURCE_PATTERN_ANY,
                                    nullptr, nullptr, RD_KAFKA_ACL_OPERATION_ANY,
                                    RD_KAFKA_ACL_PERMISSION_TYPE_ANY, words.data(), words.size()));
  const kafka::AdminAnswer answer =
      kafka::RequestOfAdmin(client, RD_KAFKA_ADMIN_OP_DESCRIBEACLS, deadline,
                            [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                              rd_kafka_DescribeAcls(client, filter.get(), options, queue);
                            });
  if (answer.error != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  std::size_t count = 0;
  const auto* const found = rd_kafka_DescribeAcls_result_acls(
      rd_kafka_event_DescribeAcls_result(answer.event.get()), &count);
  // An empty list may be a refusal: see LearnFrom().
  if (count > 0) rights.acls.emplace();
  for (const auto* binding : std::span(found, count)) {
    if (auto entry = EntryOf(*binding)) rights.acls->push_back(*std::move(entry));
  }
}

std::set<Right::Operation> AllOf(std::span<const rd_kafka_AclOperation_t> operations) {
  std::set<Right::Operation> all;
  for (const rd_kafka_AclOperation_t operation : operations) all.merge(GrantedBy(operation));
  return all;
}

/// Asks the brokers for this client's rights on the topics. librdkafka can do so from 2.3 on.
void AskForAllowed(rd_kafka_t* client, const std::set<std::string>& topics, RightsSight& rights,
                   Deadline deadline) {
#if RD_KAFKA_VERSION >= 0x020300ff
  std::vector<const char*> names;
  for (const std::string& topic : topics) names.push_back(topic.c_str());
  const std::unique_ptr<rd_kafka_TopicCollection_t, decltype(&rd_kafka_TopicCollection_destroy)>
      collection(rd_kafka_TopicCollection_of_topic_names(names.data(), names.size()),
                 &rd_kafka_TopicCollection_destroy);
  const auto options = kafka::AdminOptionsUntil(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, deadline);
  const kafka::ErrorHandle ignored(
      rd_kafka_AdminOptions_set_include_authorized_operations(options.get(), 1));
  const kafka::Queue queue(rd_kafka_queue_new(client));
  rd_kafka_DescribeTopics(client, collection.get(), options.get(), queue.get());
  const kafka::AdminAnswer answer = kafka::AwaitAdminAnswer(queue.get(), deadline);
  if (answer.error != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  std::size_t count = 0;
  const auto* const found = rd_kafka_DescribeTopics_result_topics(
      rd_kafka_event_DescribeTopics_result(answer.event.get()), &count);
  for (const auto* topic : std::span(found, count)) {
    std::size_t operations = 0;
    const auto* const allowed = rd_kafka_TopicDescription_authorized_operations(topic, &operations);
    if (allowed == nullptr) continue;
    rights.allowed[{Right::Resource::kTopic, rd_kafka_TopicDescription_name(topic)}] =
        AllOf({allowed, operations});
  }
#else
  static_cast<void>(client);
  static_cast<void>(topics);
  static_cast<void>(rights);
  static_cast<void>(deadline);
#endif
}

/// Without an answer the group's rights stay unknown. A cluster that has never had a group has no
/// coordinator, and asking for one would create Kafka's topic of offsets.
void LookAtGroup(rd_kafka_t* client, const KafkaNeeds& needs, RightsSight& rights,
                 Deadline deadline) {
  const Right describe{Right::Resource::kGroup, needs.group, Right::Operation::kDescribe};
  const auto group =
      kafka::GroupCoordinator(client, needs.group).Describe(needs.topics.callbacks, deadline);
  if (group) {
    rights.shown.insert(describe);
    if (group->allowed) {
      rights.allowed[{Right::Resource::kGroup, needs.group}] = AllOf(*group->allowed);
    }
  } else if (group.error().code == kafka::code::kDenied) {
    rights.denied.insert(describe);
  }
}

void LookAtRights(rd_kafka_t* client, const KafkaNeeds& needs, const kafka::ClusterFacts& facts,
                  RightsSight& rights, Deadline deadline) {
  constexpr milliseconds kGroup{2'000};
  ListAcls(client, rights, Soon(deadline, kRequest));
  if (!needs.group.empty()) LookAtGroup(client, needs, rights, Soon(deadline, kGroup));
  std::set<std::string> visible;
  for (const auto& [name, topic] : facts.topics) {
    if (topic.access == kafka::TopicFacts::Access::kAllowed) visible.insert(name);
  }
  if (!visible.empty()) AskForAllowed(client, visible, rights, Soon(deadline, kRequest));
}

}  // namespace

KafkaSight LookAtKafka(const KafkaNeeds& needs, const Logger& log, Deadline deadline) {
  KafkaSight sight;
  sight.rights.principal = PrincipalOf(needs.properties);
  Client client(log);
  if (const Result<void> opened = client.Open(needs.properties); !opened) {
    sight.refused_client = opened.error().detail;
    return sight;
  }
  Result<kafka::ClusterFacts> facts = AskForTopics(client, needs, Soon(deadline, kFirst));
  if (!facts) {
    sight.unanswered = WhyUnanswered(needs, facts.error(), client.TakeStock());
  } else {
    TellHiddenFromMissing(client.get(), *facts, sight.rights, Soon(deadline, kRequest));
    sight.silent = AskBrokers(client, *facts, sight.rights, Soon(deadline, kRequest));
    if (sight.rights.authorizer != RightsSight::Authorizer::kNone) {
      LookAtRights(client.get(), needs, *facts, sight.rights, deadline);
    }
    sight.facts = *std::move(facts);
  }
  Seen seen = client.TakeStock();
  sight.troubles = std::move(seen.troubles);
  sight.certificates = std::move(seen.certificates);
  return sight;
}

}  // namespace common::preflight
