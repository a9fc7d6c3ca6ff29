#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/lane/log_life.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// The result of comparing a position with the log.
struct SurveyedLog {
  LogView log;
  bool went_back = false;
};

/// Compares positions on `callbacks` with the current logs. Omits a partition that could not be
/// looked up completely.
///
/// Time: `deadline` makes a new one for each request to the brokers, and for the records of each 200
///       partitions.
[[nodiscard]] std::map<Partition, SurveyedLog> Survey(
    LogReader& reader, const std::string& topic, const std::map<Partition, ReadPosition>& positions,
    const std::function<common::Deadline()>& deadline);

/// Looks for further records that were read from these logs, and notes where one of them is gone.
/// Removes a partition that did not answer.
void SurveyUnchecked(LogReader& reader, const std::string& topic,
                     const std::map<Partition, std::vector<common::OffsetWitness>>& unchecked,
                     std::map<Partition, SurveyedLog>& logs,
                     const std::function<common::Deadline()>& deadline);

/// The record right below each offset; none if a control record stands there, or if the log begins
/// at the offset. Omits a partition that did not answer.
[[nodiscard]] std::map<Partition, std::optional<common::OffsetWitness>> WitnessesBelow(
    LogReader& reader, const std::string& topic, const Offsets& offsets, common::Deadline deadline);

/// Where each partition of a restore starts, and the basis of that; the tables are still empty.
///
///   nothing committed               the log's beginning
///   the log went back, or is known  the log's beginning
///     to have (order.from_begin)
///   its beginning is above          the log's beginning; the records between have expired
///   else                            the committed offset
[[nodiscard]] std::map<Partition, RestoredPartition> FindStarts(
    LogReader& reader, const std::string& topic, const RestoreOrder& order,
    const CommittedOffsets& committed, const std::function<common::Deadline()>& deadline);

}  // namespace consumer
