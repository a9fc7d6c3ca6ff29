#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

namespace common::kafka {

/// The deleter of librdkafka's objects.
struct Destroy {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_topic_conf_t* conf) const { rd_kafka_topic_conf_destroy(conf); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(rd_kafka_consumer_group_metadata_t* metadata) const {
    rd_kafka_consumer_group_metadata_destroy(metadata);
  }
  void operator()(const rd_kafka_metadata_t* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
  void operator()(rd_kafka_AdminOptions_t* options) const {
    rd_kafka_AdminOptions_destroy(options);
  }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_ConfigResource_t* config) const {
    rd_kafka_ConfigResource_destroy(config);
  }
};

template <typename T>
using Owned = std::unique_ptr<T, Destroy>;

/// A producer or consumer. rd_kafka_destroy() may block while requests are in flight: purge or
/// close first if that matters.
using Handle = Owned<rd_kafka_t>;
using Conf = Owned<rd_kafka_conf_t>;
using Topic = Owned<rd_kafka_topic_t>;
using Queue = Owned<rd_kafka_queue_t>;
using Event = Owned<rd_kafka_event_t>;
using ErrorHandle = Owned<rd_kafka_error_t>;
/// Destroy it before its consumer, whose destructor would wait for it.
using Message = Owned<rd_kafka_message_t>;
using Headers = Owned<rd_kafka_headers_t>;
using PartitionList = Owned<rd_kafka_topic_partition_list_t>;
using GroupMetadata = Owned<rd_kafka_consumer_group_metadata_t>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Destroy>;

}  // namespace common::kafka
