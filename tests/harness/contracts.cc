#include "tests/harness/contracts.h"

#include <chrono>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "common/json/object_writer.h"
#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace tests {
namespace {

using common::json::ObjectWriter;
using common::json::Quote;

constexpr std::chrono::seconds kReadLimit(300);
constexpr std::chrono::seconds kCheckLimit(300);

/// The record as `kcat -J` prints it. Bytes outside of UTF-8 become U+FFFD.
std::string ToLine(const char* topic, const Record& record) {
  std::string headers;
  for (const common::RecordHeader& header : record.headers) {
    headers += (headers.empty() ? "" : ",") + Quote(header.name) + "," + Quote(header.value);
  }
  return ObjectWriter()
             .Text("topic", topic)
             .Number("partition", record.partition)
             .Number("offset", record.offset)
             .Raw("headers", "[" + headers + "]")
             .TextOrNull("key", record.key)
             .TextOrNull("payload", record.value)
             .Finish() +
         "\n";
}

}  // namespace

std::string ContractBreaches(KafkaClient& kafka, const common::TopicNames& topics) {
  const TempDirectory directory;
  const auto path = directory.path() / "records";
  std::ofstream file(path, std::ios::binary);
  std::size_t count = 0;
  for (const auto& [topic, name] : {std::pair{"callbacks", topics.callbacks},
                                    {"callbacks.seen", topics.seen},
                                    {"processes", topics.processes},
                                    {"callbacks.dead", topics.dead},
                                    {"callbacks.expected", topics.expected}}) {
    if (name.empty()) continue;
    kafka.ForEach(
        name, Isolation::kReadCommitted,
        [&, topic = topic](const Record& record) {
          file << ToLine(topic, record);
          ++count;
        },
        kReadLimit);
  }
  file.close();
  if (count == 0) throw std::runtime_error("no record to hold to the contracts");
  const Finished finished =
      RunProgram(SourcePath("ops/docs/contracts/check"), {"--strict", path}, kCheckLimit);
  if (finished.status == 0) return {};
  return Tail(finished.output + finished.error_output);
}

}  // namespace tests
