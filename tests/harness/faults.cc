#include "tests/harness/faults.h"

#include <csignal>
#include <stdexcept>

namespace tests {

void StoppedProgram::Inflict() {
  constexpr std::chrono::seconds kLimit(15);
  (void)program_.Stop(kLimit);
  const std::string log = program_.Log();
  for (const char* event : {"\"consumer.stopped\"", "\"consumer.stop_cut_short\""}) {
    if (log.find(event) != std::string::npos) return;
  }
  throw std::runtime_error(program_.name() + " did not stop in order\n" + program_.Describe());
}

void FrozenProgram::Inflict() { program_.process().Signal(SIGSTOP); }
void FrozenProgram::Heal() { program_.process().Signal(SIGCONT); }

bool KilledNode::IsOver() {
  if (start_->IsRunning()) return false;
  if (start_->WaitForExit(std::chrono::seconds(0)) != 0) {
    throw std::runtime_error("node " + std::to_string(node_) + ": " + start_->Describe());
  }
  return true;
}

void FrozenBroker::Inflict() {
  for (int node = 1; node <= broker_.nodes(); ++node) broker_.Freeze(node);
}

void FrozenBroker::Heal() {
  for (int node = 1; node <= broker_.nodes(); ++node) broker_.Thaw(node);
}

}  // namespace tests
