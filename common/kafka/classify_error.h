#pragma once

#include <librdkafka/rdkafka.h>

#include <string_view>

#include "common/base/error.h"

namespace common::kafka {

/// The codes of the errors that Classify() returns.
namespace code {
inline constexpr std::string_view kFenced = "fenced";        ///< Another instance replaced ours.
inline constexpr std::string_view kFatal = "fatal";          ///< Unusable client: replace it.
inline constexpr std::string_view kAbort = "must_abort";     ///< Abort the transaction.
inline constexpr std::string_view kRetriable = "retriable";  ///< Repeat the same call.
inline constexpr std::string_view kRejected = "rejected";    ///< Permanent: a retry is useless.
inline constexpr std::string_view kDenied = "denied";        ///< This client lacks a right.
inline constexpr std::string_view kUnexpected = "unexpected";
}  // namespace code

/// Classifies an error of the transactional API. The first matching row applies:
///
///   code _FENCED, whatever the flags say   kStop  "fenced"
///   fatal                                  kStop  "fatal"
///   requires abort, or stale generation    kAbort "must_abort"
///   retriable                              kRetry "retriable"     ; repeat the same call
///   anything else                          kStop  "unexpected"    ; replace the producer
///
/// kStop ends the client, not the process: the caller decides whether to try a new producer.
[[nodiscard]] Error Classify(const rd_kafka_error_t& error, std::string_view call);

/// Classifies an error code without flags, from a delivery report, metadata or a consumer.
[[nodiscard]] Error Classify(rd_kafka_resp_err_t code, std::string_view call);

/// True if the request failed because no broker, or not the required one, answered.
[[nodiscard]] bool IsNoAnswer(rd_kafka_resp_err_t error);

}  // namespace common::kafka
