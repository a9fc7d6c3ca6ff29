// The sample readers of ops/docs/contracts/readers, on the built binaries' results.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/harness/broker.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using std::chrono::seconds;
using testing::UnorderedElementsAreArray;

constexpr seconds kReaderLimit(120);  // A JVM that compiles, on a busy machine.

class SampleReaders : public SystemTest {
 protected:
  void SetUp() override {
    pipeline.StartIngest();
    pipeline.StartConsumer();
    Publish("--seed=1");
    AbortAResult();
    Publish("--seed=2");
  }

  void Publish(const std::string& seed) {
    const Delivered delivered = pipeline.Deliver({"--count=40", seed});
    ASSERT_EQ(delivered.Number("acknowledged"), 40) << delivered.report;
    ASSERT_TRUE(pipeline.AwaitAllDisposed());
  }

  /// Produces a record on `processes` and aborts its transaction.
  void AbortAResult() {
    const std::string id = UniqueName("aborted");
    const std::string topic = pipeline.topics().processes;
    Process writer(TRANSACTION_WRITER, {Bootstrap(), topic, id, "aborted", "open"});
    ASSERT_TRUE(writer.WaitForOutput("produced", seconds(30))) << writer.Describe();
    writer.Kill();
    pipeline.kafka().SeizeTransactionalId(id);
  }

  static const std::string& Bootstrap() { return Broker::Shared().bootstrap(); }

  /// The lines that a reader must print.
  std::vector<std::string> ExpectedLines() {
    std::vector<std::string> lines;
    for (const Record& result : pipeline.Results()) {
      lines.push_back(NameOf(result) + " " + std::to_string(result.partition) + ":" +
                      std::to_string(result.offset));
    }
    return lines;
  }

  /// Runs a reader to the end of the topic and expects each committed result once.
  void ExpectCommittedResultsFrom(const std::string& program, std::vector<std::string> arguments) {
    const std::vector<std::string> expected = ExpectedLines();
    ASSERT_EQ(expected.size(), 80U);
    arguments.insert(arguments.end(),
                     {Bootstrap(), pipeline.topics().processes, UniqueName("reader"), "--to-end"});
    const Finished finished = RunProgram(program, arguments, kReaderLimit);
    ASSERT_EQ(finished.status, 0) << finished.output << finished.error_output;
    std::vector<std::string> lines;
    std::istringstream output(finished.output);
    for (std::string line; std::getline(output, line);) lines.push_back(line);
    EXPECT_THAT(lines, UnorderedElementsAreArray(expected));
  }
};

TEST_F(SampleReaders, InJavaPrintCommittedResultsAndNoAbortedOne) {
  const std::string folder = SourcePath("ops/docs/contracts/readers/");
  ExpectCommittedResultsFrom(
      "/bin/bash", {"-c", R"sh(source "$0" && exec "$kafka_java" -cp "$(kafka_class_path)" "$@")sh",
                    SourcePath("ops/kafka/lib.sh"), folder + "Reader.java"});
}

TEST_F(SampleReaders, InPythonPrintCommittedResultsAndNoAbortedOne) {
  ExpectCommittedResultsFrom(SourcePath("ops/docs/contracts/readers/reader.py"), {});
}

}  // namespace
}  // namespace tests
