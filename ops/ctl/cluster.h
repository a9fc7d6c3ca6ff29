#pragma once

#include <memory>
#include <string>

#include "common/base/guarded.h"
#include "common/base/result.h"
#include "common/kafka/client_log.h"
#include "common/kafka/handles.h"
#include "common/kafka/topic_admin.h"
#include "ops/ctl/settings.h"

namespace ctl {

/// A client for questions about the cluster. What librdkafka logs is not printed; its last words
/// explain why nobody answered.
class Cluster {
 public:
  /// Errors: kStop if librdkafka refuses the properties.
  static common::Result<std::unique_ptr<Cluster>> Open(const ClusterSettings& settings);

  [[nodiscard]] common::Result<common::kafka::ClusterFacts> Facts(
      const std::vector<std::string>& topics);
  [[nodiscard]] common::Result<std::vector<common::kafka::TopicCreation>> Create(
      const std::vector<common::TopicSpec>& specs);

 private:
  explicit Cluster(std::string bootstrap);
  [[nodiscard]] common::Error Explained(const common::Error& error) const;

  std::string bootstrap_;
  common::Guarded<std::string> last_words_;
  common::Logger silent_;
  common::kafka::ClientLog log_;
  common::kafka::Handle client_;  // Last: its threads write to the members above.
};

}  // namespace ctl
