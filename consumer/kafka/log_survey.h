#pragma once

#include <functional>
#include <map>
#include <string>

#include "common/base/deadline.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/lane/log_life.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// What comparing a position with the log found.
struct SurveyedLog {
  LogView log;
  bool went_back = false;
};

/// Compares positions on `callbacks` with the logs as they are now. A partition that could not be
/// looked up as a whole is left out.
///
/// Time: `deadline` makes a new one for each question to the brokers.
[[nodiscard]] std::map<Partition, SurveyedLog> Survey(
    LogReader& reader, const std::string& topic, const std::map<Partition, ReadPosition>& positions,
    const std::function<common::Deadline()>& deadline);

/// Where each partition of a restore starts, and what that rests on; the tables are empty yet.
///
///   nothing committed               the log's begin
///   the log went back, or is known  the log's begin
///     to have (order.from_begin)
///   its begin is above              the log's begin; the records between have expired
///   else                            the committed offset
[[nodiscard]] std::map<Partition, RestoredPartition> FindStarts(
    LogReader& reader, const std::string& topic, const RestoreOrder& order,
    const CommittedOffsets& committed, const std::function<common::Deadline()>& deadline);

}  // namespace consumer
