#pragma once

#include <memory>
#include <string>

#include "tests/bench/callback_loads.h"
#include "tests/bench/measured_ingest.h"

namespace bench {

/// common/http with a service that answers every request immediately.
class AnswersAtOnce {
 public:
  explicit AnswersAtOnce(Bench& bench);
  void Measure(const std::string& series, std::vector<std::string> more);

 private:
  Bench& bench_;
  std::unique_ptr<tests::Process> process_;
  int port_;
};

/// All figures of ingest on one topic. Three loads take turns: callbacks to ingest, the same
/// records through librdkafka alone, and the same requests to AnswersAtOnce.
class IngestFigures {
 public:
  struct Plan {
    std::string bootstrap;
    int partitions = 12;
    std::string series;
    std::string text;      ///< For the rows.
    bool is_main = false;  ///< True: more figures, with goals.
  };

  IngestFigures(Bench& bench, AnswersAtOnce& http, Plan plan);

  void Measure();

 private:
  void WarmUp();
  void MeasureClosedLoop(const std::string& connections);
  void MeasureAtRateOfIngest(const std::string& connections);
  void ReportClosedLoop(const std::string& connections);
  void MeasureOpenLoop(int rate, const std::string& text);
  void ReportOpenLoop(const std::string& series, const std::string& text);
  void SampleSum(const std::string& series, const std::string& first, const std::string& second);

  Bench& bench_;
  AnswersAtOnce& http_;
  Plan plan_;
  std::string prefix_;
  CallbackLoads loads_;
  std::unique_ptr<MeasuredIngest> ingest_;
};

}  // namespace bench
