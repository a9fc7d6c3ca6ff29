#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/guarded.h"
#include "common/http/server.h"
#include "ops/simulator/deliver.h"

namespace simulator {

struct Received {
  std::string path;
  std::string body;
  std::string authorization;
  std::string content_type;
  std::map<std::string, std::string> signature;  ///< The headers about it that are present.
};

/// Answers each delivery by a script; does not answer at all for status 0.
class ScriptedReceiver : public common::http::Service {
 public:
  /// `attempt` counts the deliveries of the same body from 1.
  using Script = std::function<int(const Received& delivery, int attempt)>;

  explicit ScriptedReceiver(Script script)
      : script_(std::move(script)), server_(*common::http::Server::Start({}, *this)) {}

  [[nodiscard]] std::string address() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
  }
  [[nodiscard]] std::string target() const { return address() + "/callbacks"; }
  [[nodiscard]] std::vector<Received> received() const {
    return state_.With([](const State& state) { return state.received; });
  }

  common::http::Admission Admit(const common::http::RequestHead& /*head*/) override { return {}; }
  std::optional<common::http::Answer> Handle(const common::http::RequestHead& head,
                                             std::string_view body, std::uint32_t /*tag*/,
                                             const common::http::Ticket& /*ticket*/) override {
    Received delivery{std::string(head.path),
                      std::string(body),
                      std::string(head.Find("Authorization").value_or("none")),
                      std::string(head.Find("Content-Type").value_or("none")),
                      {}};
    for (const char* name :
         {"webhook-id", "webhook-timestamp", "webhook-signature", "x-sha2-signature"}) {
      if (const auto value = head.Find(name)) delivery.signature[name] = *value;
    }
    const int status = state_.With([&](State& state) {
      state.received.push_back(delivery);
      return script_(delivery, ++state.attempts[delivery.body]);
    });
    if (status == 0) return std::nullopt;
    return common::http::Answer{.status = status};
  }
  common::http::Answer AnswerFault(common::http::HttpFault fault,
                                   std::optional<std::uint32_t> /*tag*/) override {
    return {.status = DefaultStatus(fault)};
  }

 private:
  struct State {
    std::vector<Received> received;
    std::map<std::string, int> attempts;
  };

  Script script_;
  common::Guarded<State> state_;
  std::unique_ptr<common::http::Server> server_;  // Last: its threads use the members above.
};

class DeliverTest : public testing::Test {
 protected:
  std::string Deliver(const ScriptedReceiver& receiver, std::vector<std::string_view> arguments) {
    return DeliverTo(receiver.target(), std::move(arguments));
  }

  /// Returns the report. Time runs a million times faster unless the arguments set --speed.
  std::string DeliverTo(const std::string& target, std::vector<std::string_view> arguments) {
    arguments.insert(arguments.begin(), {"--quiet", "--seed=7", "--speed=1e6", "--target", target});
    const auto options = ParseDeliverOptions(arguments);
    if (!options) return options.error().detail;
    const auto report = simulator::Deliver(*options, shutdown_);
    return report ? *report : report.error().detail;
  }

  common::Shutdown shutdown_;
};

}  // namespace simulator
