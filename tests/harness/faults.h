#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tests/harness/broker.h"
#include "tests/harness/fault.h"
#include "tests/harness/program.h"

// Faults of programs and brokers. Their victims must outlive them.
namespace tests {

/// SIGKILL; healed by starting the program again.
class KilledProgram : public Fault {
 public:
  explicit KilledProgram(Program& program) : program_(program) {}
  [[nodiscard]] std::string kind() const override { return "kill"; }
  [[nodiscard]] std::string victim() const override { return program_.name(); }
  void Inflict() override { program_.Kill(); }
  void Heal() override { program_.Launch(); }
  [[nodiscard]] bool IsOver() override { return program_.HasStarted(); }

 private:
  Program& program_;
};

/// SIGTERM, after which the program must stop in order; healed by starting it again.
class StoppedProgram : public Fault {
 public:
  explicit StoppedProgram(Program& program) : program_(program) {}
  [[nodiscard]] std::string kind() const override { return "stop"; }
  [[nodiscard]] std::string victim() const override { return program_.name(); }
  void Inflict() override;
  void Heal() override { program_.Launch(); }
  [[nodiscard]] bool IsOver() override { return program_.HasStarted(); }

 private:
  Program& program_;
};

/// SIGSTOP and SIGCONT.
class FrozenProgram : public Fault {
 public:
  explicit FrozenProgram(Program& program) : program_(program) {}
  [[nodiscard]] std::string kind() const override { return "freeze"; }
  [[nodiscard]] std::string victim() const override { return program_.name(); }
  void Inflict() override;
  void Heal() override;
  [[nodiscard]] bool IsOver() override { return true; }

 private:
  Program& program_;
};

/// SIGKILL of one node; healed by restarting it. All nodes count as one victim.
class KilledNode : public Fault {
 public:
  KilledNode(Broker& broker, int node) : broker_(broker), node_(node) {}
  [[nodiscard]] std::string kind() const override { return "broker"; }
  [[nodiscard]] std::string victim() const override { return "broker"; }
  void Inflict() override { broker_.Kill(node_); }
  void Heal() override { start_ = broker_.BeginRestart(node_); }
  [[nodiscard]] bool IsOver() override;

 private:
  Broker& broker_;
  int node_;
  std::unique_ptr<Process> start_;
};

/// Freezes every node.
class FrozenBroker : public Fault {
 public:
  explicit FrozenBroker(Broker& broker) : broker_(broker) {}
  [[nodiscard]] std::string kind() const override { return "pause"; }
  [[nodiscard]] std::string victim() const override { return "broker"; }
  void Inflict() override;
  void Heal() override;
  [[nodiscard]] bool IsOver() override { return true; }

 private:
  Broker& broker_;
};

}  // namespace tests
