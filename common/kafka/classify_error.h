#pragma once

#include <librdkafka/rdkafka.h>

#include <string_view>

#include "common/base/error.h"

namespace common::kafka {

/// The codes of the errors below.
namespace code {
inline constexpr std::string_view kFenced = "fenced";        ///< Another instance took our place.
inline constexpr std::string_view kFatal = "fatal";          ///< The client is unusable: a new one.
inline constexpr std::string_view kAbort = "must_abort";     ///< The transaction is lost.
inline constexpr std::string_view kRetriable = "retriable";  ///< The same call again.
inline constexpr std::string_view kRejected = "rejected";    ///< This record or request, for good.
inline constexpr std::string_view kUnexpected = "unexpected";
}  // namespace code

/// An error of the transactional API by remedy. In this order:
///
///   code _FENCED, whatever the flags say   kStop  "fenced"
///   fatal                                  kStop  "fatal"
///   requires abort, another generation     kAbort "must_abort"
///   retriable                              kRetry "retriable"     ; the same call again
///   anything else                          kStop  "unexpected"    ; the producer is to be recycled
///
/// kStop concerns the client, not yet the process: whether a new producer is worth trying is the
/// caller's decision.
[[nodiscard]] Error Classify(const rd_kafka_error_t& error, std::string_view call);

/// An error code without flags: of a delivery report, of metadata, of a consumer.
[[nodiscard]] Error Classify(rd_kafka_resp_err_t code, std::string_view call);

/// Whether a request failed because no broker, or not the one that it was for, answered.
[[nodiscard]] bool MeansNobodyAnswered(rd_kafka_resp_err_t error);

}  // namespace common::kafka
